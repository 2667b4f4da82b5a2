// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static io.systole.protocol.http.HttpMethod.DELETE;
import static io.systole.protocol.http.HttpMethod.GET;
import static io.systole.protocol.http.HttpMethod.POST;
import static io.systole.protocol.http.HttpMethod.PUT;

import io.systole.protocol.time.Clock;
import io.systole.server.auth.Refusal;
import io.systole.server.auth.Role;
import io.systole.server.config.ServerConfig;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.ApplicationActions;
import io.systole.server.management.ApplicationExplainEndpoint;
import io.systole.server.management.ApplicationListEndpoint;
import io.systole.server.management.ClusterEndpoint;
import io.systole.server.management.ClusterEndpoint.ClusterDescription;
import io.systole.server.management.ConfigEndpoint;
import io.systole.server.management.ExplainEndpoint;
import io.systole.server.management.InstanceDetailsEndpoint;
import io.systole.server.management.InstanceListEndpoint;
import io.systole.server.management.LeaseActionEndpoint;
import io.systole.server.management.LogLevelEndpoint;
import io.systole.server.management.NodeDescription;
import io.systole.server.management.NodeEndpoint;
import io.systole.server.management.PeersEndpoint;
import io.systole.server.management.QueryRules;
import io.systole.server.management.RecentEndpoint;
import io.systole.server.management.RefusedEndpoint;
import io.systole.server.management.RemovalHistory;
import io.systole.server.management.SelfPreservationEndpoint;
import io.systole.server.management.SimulateEndpoint;
import io.systole.server.peer.PeerStatus;
import io.systole.server.registry.Registry;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The routes for operators, outside the Eureka protocol. */
final class ManagementRoutes implements AutoCloseable {
  private static final String APP = "/{app}";
  private static final String INSTANCE = "/{app}/{id}";

  /** The query of an override: the status. */
  private static final QueryRules OVERRIDE = QueryRules.of("value");

  private final Registry registry;
  private final Evictor evictor;
  private final Clock clock;
  private final RemovalHistory removals;
  private final ServerConfig config;
  private final NodeSources node;
  private final ApplicationActions actions;

  /**
   * The parts of the node that the endpoints show besides the registry.
   *
   * @param runId identifies this run of the node
   * @param cluster returns null without a native cluster
   * @param configuration returns the configuration in force
   * @param description returns null until the node serves
   */
  record NodeSources(
      String runId,
      Supplier<List<PeerStatus>> peers,
      Supplier<@Nullable ClusterDescription> cluster,
      Supplier<List<Refusal>> refusals,
      Supplier<String> configuration,
      Supplier<@Nullable NodeDescription> description) {}

  ManagementRoutes(
      Registry registry,
      Evictor evictor,
      Clock clock,
      RemovalHistory removals,
      ServerConfig config,
      NodeSources node) {
    this.registry = registry;
    this.evictor = evictor;
    this.clock = clock;
    this.removals = removals;
    this.config = config;
    this.node = node;
    this.actions = new ApplicationActions(registry, clock);
  }

  /** Adds the routes; those that change leases or are expensive only if enabled. */
  void addTo(Router.Builder routes) {
    addInstances(routes);
    addNode(routes);
    if (config.isManaged()) {
      addActions(routes);
    }
    if (config.isManaged() && config.isSimulationServed()) {
      SimulateEndpoint simulate =
          new SimulateEndpoint(registry, evictor, clock, config.eviction().intervalMs());
      routes.add(POST, "/systole/simulate", Route.asyncWithBody(QueryRules.NONE.guard(simulate)));
    }
  }

  private void addInstances(Router.Builder routes) {
    routes
        .add(
            GET,
            "/systole/applications",
            Route.onWorker(ApplicationListEndpoint.QUERY.guard(
                new ApplicationListEndpoint(registry, evictor))))
        .add(
            GET,
            "/systole/instances",
            Route.onWorker(
                InstanceListEndpoint.QUERY.guard(new InstanceListEndpoint(registry, clock))))
        .add(
            GET,
            "/systole/instances" + INSTANCE,
            Route.onJournalWorker(InstanceDetailsEndpoint.QUERY.guard(
                new InstanceDetailsEndpoint(registry, evictor, removals))))
        .add(
            GET,
            "/systole/explain" + APP,
            Route.onWorker(ApplicationExplainEndpoint.QUERY.guard(
                new ApplicationExplainEndpoint(registry, evictor))))
        .add(
            GET,
            "/systole/explain" + INSTANCE,
            Route.onJournalWorker(
                QueryRules.NONE.guard(new ExplainEndpoint(registry, evictor, removals))))
        .add(
            GET,
            "/systole/self-preservation",
            Route.onWorker(QueryRules.NONE.guard(new SelfPreservationEndpoint(evictor))))
        .add(
            GET,
            "/systole/recent",
            Route.onWorker(RecentEndpoint.QUERY.guard(new RecentEndpoint(registry))));
  }

  private void addNode(Router.Builder routes) {
    LogLevelEndpoint logLevel = new LogLevelEndpoint(new LogLevels());
    routes
        .add(
            GET,
            "/systole/node",
            Route.onWorker(QueryRules.NONE.guard(new NodeEndpoint(node.description()))))
        .add(
            GET,
            "/systole/peers",
            Route.onEventLoop(QueryRules.NONE.guard(new PeersEndpoint(node.runId(), node.peers()))))
        .add(
            GET,
            "/systole/cluster",
            Route.onWorker(QueryRules.NONE.guard(new ClusterEndpoint(node.cluster()))))
        .add(
            GET,
            "/systole/refused",
            Route.onWorker(QueryRules.NONE.guard(new RefusedEndpoint(node.refusals()))))
        .add(
            GET,
            "/systole/config",
            Role.MANAGE,
            Route.onWorker(QueryRules.NONE.guard(new ConfigEndpoint(node.configuration()))))
        .add(GET, "/systole/log-level", Route.onWorker(QueryRules.NONE.guard(logLevel)));
    if (config.isManaged()) {
      routes.add(
          PUT, "/systole/log-level", Route.onWorker(LogLevelEndpoint.CHANGE_QUERY.guard(logLevel)));
    }
  }

  private void addActions(Router.Builder routes) {
    routes
        .add(
            POST,
            "/systole/evict" + INSTANCE,
            Route.onEventLoop(QueryRules.NONE.guard(LeaseActionEndpoint.eviction(registry))))
        .add(
            POST,
            "/systole/extend" + INSTANCE,
            Route.onEventLoop(QueryRules.NONE.guard(LeaseActionEndpoint.extension(registry))))
        .add(
            PUT,
            "/systole/override" + INSTANCE,
            Route.onEventLoop(OVERRIDE.guard(LeaseActionEndpoint.setOverride(registry))))
        .add(
            DELETE,
            "/systole/override" + INSTANCE,
            Route.onEventLoop(OVERRIDE.guard(LeaseActionEndpoint.removeOverride(registry))))
        .add(POST, "/systole/evict" + APP, Route.async(QueryRules.NONE.guard(actions.eviction())))
        .add(POST, "/systole/extend" + APP, Route.async(QueryRules.NONE.guard(actions.extension())))
        .add(PUT, "/systole/override" + APP, Route.async(OVERRIDE.guard(actions.setOverride())))
        .add(
            DELETE,
            "/systole/override" + APP,
            Route.async(OVERRIDE.guard(actions.removeOverride())));
  }

  /** Stops the changes of applications. */
  @Override
  public void close() {
    actions.close();
  }
}
