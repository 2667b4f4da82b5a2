// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static io.systole.protocol.http.HttpMethod.GET;

import io.systole.protocol.time.Clock;
import io.systole.server.ManagementRoutes.NodeSources;
import io.systole.server.auth.Role;
import io.systole.server.config.ServerConfig;
import io.systole.server.management.MembersEndpoint;
import io.systole.server.management.QueryRules;
import io.systole.server.management.RemovalHistory;
import io.systole.server.metrics.Counters;
import io.systole.server.monitoring.HealthEndpoint;
import io.systole.server.monitoring.NodeHealth;
import io.systole.server.page.PageSources;
import io.systole.server.page.PageStreams;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import java.util.function.LongSupplier;

/** The routes of a node's addresses, and the endpoints behind them. */
final class NodeRoutes implements AutoCloseable {
  private final NodeParts parts;
  private final ProtocolRoutes protocol;
  private final ManagementRoutes operations;
  private final NodePage page;
  private final Router router;
  private final Router managementRouter;

  /**
   * The parts of a node that its endpoints read and change.
   *
   * @param runId identifies this run of the node
   * @param loopLagNs returns the lag of the event loops
   */
  record NodeParts(
      ServerConfig config,
      Clock clock,
      String runId,
      RunState run,
      Counters counters,
      NodeRegistry registry,
      NodeSecurity security,
      NodeReplication replication,
      NodeMetrics metrics,
      NodeThreads threads,
      LongSupplier loopLagNs) {}

  /** @param removals the history by which removals are explained */
  NodeRoutes(NodeParts parts, RemovalHistory removals) {
    this.parts = parts;
    ServerConfig config = parts.config();
    this.protocol = new ProtocolRoutes(
        config,
        parts.registry().registry(),
        parts.run()::self,
        parts.replication()::recorderOfCurrentThread,
        parts.replication()::peerRecorderOfCurrentThread,
        parts.replication().peers()::replicas,
        parts.clock(),
        parts.counters(),
        parts.runId(),
        parts.threads().events());
    Router.Builder routes = Router.builder();
    MonitoringRoutes monitoring = monitoringRoutes();
    Router.Builder management =
        config.net().management() == null ? routes : monitoring.addProbes(Router.builder());
    protocol.addTo(routes);
    routes.add(
        GET,
        "/systole/members",
        Role.READ,
        Route.onWorker(
            QueryRules.NONE.guard(new MembersEndpoint(parts.replication()::clusterDescription))));
    monitoring.addProbes(routes);
    monitoring.addMetrics(management);
    this.operations = managementRoutes(removals);
    operations.addTo(management);
    this.page = new NodePage(pageSources(), parts.threads().pages());
    page.addTo(management);
    this.router = routes.build();
    this.managementRouter = management.build();
  }

  private ManagementRoutes managementRoutes(RemovalHistory removals) {
    return new ManagementRoutes(
        parts.registry().registry(),
        parts.registry().evictor(),
        parts.clock(),
        removals,
        parts.config(),
        new NodeSources(
            parts.runId(),
            parts.replication().peers()::statuses,
            parts.replication()::clusterDescription,
            parts.security()::refusals,
            parts.run()::configuration,
            parts.run()::description));
  }

  private PageSources pageSources() {
    return new PageSources(
        parts.registry().registry(),
        parts.registry().evictor(),
        parts.clock(),
        parts.counters(),
        parts.loopLagNs(),
        parts.metrics().openFiles()::count,
        parts.replication().peers()::statuses,
        parts.replication()::clusterDescription,
        parts.registry().store().health()::degradation,
        protocol.readiness()::waitingTime,
        parts.run()::description);
  }

  private MonitoringRoutes monitoringRoutes() {
    ServerConfig config = parts.config();
    boolean isTls = config.net().management() == null
        ? config.security().tls() != null
        : config.security().managementTls() != null;
    return new MonitoringRoutes(
        new HealthEndpoint(
            parts.run()::isServing,
            parts.registry().store().health()::degradation,
            protocol.readiness()::waitingTime),
        new NodeHealth(
            parts.run()::phase,
            parts.registry().store().health()::degradation,
            protocol.readiness()::waitingTime,
            parts.replication().peers()::statuses,
            parts.replication()::isClusterAwaited),
        parts.metrics().endpoint(parts.threads().scrapes()),
        isTls);
  }

  ProtocolRoutes protocol() {
    return protocol;
  }

  PageStreams pageStreams() {
    return page.streams();
  }

  /** The router of the main address. */
  Router main() {
    return router;
  }

  /** The router of the management address; equal to {@link #main} if there is none. */
  Router management() {
    return managementRouter;
  }

  /** Stops the changes of applications. */
  @Override
  public void close() {
    operations.close();
  }
}
