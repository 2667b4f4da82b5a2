// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.systole.client.net.ReloadCounts;
import io.systole.protocol.time.Clock;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.OpenFiles;
import io.systole.server.monitoring.CertificateMetrics;
import io.systole.server.monitoring.ClusterMetrics;
import io.systole.server.monitoring.EvictionMetrics;
import io.systole.server.monitoring.MetricsEndpoint;
import io.systole.server.monitoring.MetricsExport;
import io.systole.server.monitoring.NetMetrics;
import io.systole.server.monitoring.OtlpSettings;
import io.systole.server.monitoring.PageMetrics;
import io.systole.server.monitoring.PeerMetrics;
import io.systole.server.monitoring.ProcessMetrics;
import io.systole.server.monitoring.ReadMetrics;
import io.systole.server.monitoring.RegistryMetrics;
import io.systole.server.monitoring.ReloadMetrics;
import io.systole.server.monitoring.ReloadMetrics.Reloads;
import io.systole.server.monitoring.StoreMetrics;
import io.systole.server.net.HttpServer;
import io.systole.server.page.PageStreams;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The metrics of a node: binds those of its parts, and publishes them. */
final class NodeMetrics implements AutoCloseable {
  private final MetricsExport export;
  private final OpenFiles openFiles = new OpenFiles();
  private final ProcessMetrics process =
      new ProcessMetrics(BuildInfo.CURRENT.version(), BuildInfo.CURRENT.revision(), openFiles);

  /** @param otlp null for no export by OTLP */
  NodeMetrics(@Nullable OtlpSettings otlp) {
    this.export = new MetricsExport(otlp);
  }

  OpenFiles openFiles() {
    return openFiles;
  }

  /** Returns the endpoint of scrapes, which run on an executor of their own. */
  MetricsEndpoint endpoint(Executor scrapes) {
    return new MetricsEndpoint(export.scraped(), scrapes);
  }

  /** Returns the metrics of the links to peers, which are added and removed at runtime. */
  PeerMetrics ofPeers() {
    return new PeerMetrics(meters());
  }

  /** Binds the metrics of the native cluster. */
  void bindCluster(NativeCluster cluster, Clock clock) {
    ClusterMetrics bound = new ClusterMetrics(meters(), clock, cluster.replica()::status);
    bound.bind(cluster.replica().counters());
    cluster.onMembers(bound::updateMembers);
  }

  void bindProcess() {
    process.bindTo(meters());
  }

  void bindRegistry(NodeRegistry node) {
    new RegistryMetrics(node.registry(), node.rate()).bindTo(meters());
    new EvictionMetrics(node.rate(), node.evictor(), node.expired()).bindTo(meters());
    export.addRenewalDelays(node.evictor().renewalDelays().histogram());
    new StoreMetrics(node.store().counts(), node.store().health()).bindTo(meters());
  }

  void bindNet(Counters counters, HttpServer httpServer) {
    new NetMetrics(counters, httpServer::loopLagNs).bindTo(meters());
    export.addRequestLatencies(httpServer::latencies);
  }

  /** @param configuration the outcomes of reading the configuration again */
  void bindReloads(NodeSecurity security, ReloadCounts configuration) {
    new CertificateMetrics(security::certificateExpiryMs).bindTo(meters());
    ReloadMetrics reloads = new ReloadMetrics(meters());
    reloads.add("configuration", published(List.of(configuration)));
    reloads.add("credentials", published(security.credentialReloads()));
    reloads.add("certificates", published(security.certificateReloads()));
  }

  private static List<Reloads> published(List<ReloadCounts> all) {
    return all.stream()
        .map(counts -> new Reloads(counts::applied, counts::failed, counts::isLastApplied))
        .toList();
  }

  void bindReads(ProtocolRoutes protocol, PageStreams page) {
    new ReadMetrics(
            protocol.responseCache(),
            protocol.streams(),
            protocol.polls(),
            protocol.readiness()::refusedUntilMs)
        .bindTo(meters());
    new PageMetrics(page).bindTo(meters());
  }

  private MeterRegistry meters() {
    return export.meters();
  }

  /**
   * Starts the export by OTLP if it is configured.
   *
   * @param nodeId host and port of the node
   */
  void startOtlp(String nodeId) {
    export.startOtlp(nodeId, BuildInfo.CURRENT.version());
  }

  /** Ends the export by OTLP with the last values; blocks for two seconds at most. */
  void stopOtlp() {
    export.stopOtlp();
  }

  @Override
  public void close() {
    process.close();
    export.close();
  }
}
