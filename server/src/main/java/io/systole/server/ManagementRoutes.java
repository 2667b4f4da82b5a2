// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.time.Clock;
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

/** The routes for operators, outside the Eureka protocol. */
final class ManagementRoutes {
  private static final String INSTANCE = "/{app}/{id}";

  private ManagementRoutes() {}

  /** Adds the routes; those that change leases or are expensive only if enabled. */
  static void addTo(
      Router.Builder routes,
      Registry registry,
      Evictor evictor,
      Clock clock,
      RemovalHistory removals,
      ServerConfig config) {
    routes
        .add(
            HttpMethod.GET,
            "/systole/explain" + INSTANCE,
            Route.onJournalWorker(new ExplainEndpoint(registry, evictor, removals)))
        .add(
            HttpMethod.GET,
            "/systole/self-preservation",
            Route.onWorker(new SelfPreservationEndpoint(evictor)))
        .add(HttpMethod.GET, "/systole/recent", Route.onWorker(new RecentEndpoint(registry)));
    if (config.isManaged()) {
      routes
          .add(
              HttpMethod.POST,
              "/systole/evict" + INSTANCE,
              Route.onEventLoop(LeaseActionEndpoint.eviction(registry)))
          .add(
              HttpMethod.POST,
              "/systole/extend" + INSTANCE,
              Route.onEventLoop(LeaseActionEndpoint.extend(registry)));
    }
    if (config.isManaged() && config.isSimulationServed()) {
      SimulateEndpoint simulate =
          new SimulateEndpoint(registry, evictor, clock, config.eviction().intervalMs());
      routes.add(HttpMethod.POST, "/systole/simulate", Route.asyncWithBody(simulate));
    }
  }
}
