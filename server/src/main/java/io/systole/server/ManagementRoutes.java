// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.http.HttpMethod;
import io.systole.server.config.ServerConfig;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.ExplainEndpoint;
import io.systole.server.management.LeaseActionEndpoint;
import io.systole.server.management.RecentEndpoint;
import io.systole.server.management.RemovalHistory;
import io.systole.server.management.SelfPreservationEndpoint;
import io.systole.server.management.SimulateEndpoint;
import io.systole.server.registry.Registry;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import io.systole.server.time.Clock;

/** What operators ask and do, beside the protocol. */
final class ManagementRoutes {
  private static final String INSTANCE = "/{app}/{id}";

  private ManagementRoutes() {}

  /** Adds them; those that change something, or cost much, only if the operator wants them. */
  static void addTo(
      Router.Builder routes,
      Registry registry,
      Evictor evictor,
      Clock clock,
      RemovalHistory memory,
      ServerConfig config) {
    routes
        .add(
            HttpMethod.GET,
            "/systole/explain" + INSTANCE,
            Route.journal(new ExplainEndpoint(registry, evictor, memory)))
        .add(
            HttpMethod.GET,
            "/systole/self-preservation",
            Route.slow(new SelfPreservationEndpoint(evictor)))
        .add(HttpMethod.GET, "/systole/recent", Route.slow(new RecentEndpoint(registry)));
    if (config.isManaged()) {
      routes
          .add(
              HttpMethod.POST,
              "/systole/evict" + INSTANCE,
              Route.quick(LeaseActionEndpoint.eviction(registry)))
          .add(
              HttpMethod.POST,
              "/systole/extend" + INSTANCE,
              Route.quick(LeaseActionEndpoint.extend(registry)));
    }
    if (config.isManaged() && config.isSimulationServed()) {
      SimulateEndpoint simulate =
          new SimulateEndpoint(registry, evictor, clock, config.eviction().intervalMs());
      routes.add(HttpMethod.POST, "/systole/simulate", Route.lateWithBody(simulate));
    }
  }
}
