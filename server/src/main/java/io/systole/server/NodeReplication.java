// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.channel.EventLoop;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.cluster.NativeClusterSettings;
import io.systole.server.cluster.Replica;
import io.systole.server.config.ServerConfig;
import io.systole.server.management.ClusterEndpoint.ClusterDescription;
import io.systole.server.peer.PeerConnector;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.RenewalCollector;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The replication of the node's registry to other nodes, the renewals recorded for it, and the
 * registration of the node itself.
 */
final class NodeReplication implements AutoCloseable {
  /** The timeout of collecting the last renewals from the event loops. */
  private static final long COLLECT_TIMEOUT_MS = 500;

  private static final Logger LOG = LoggerFactory.getLogger(NodeReplication.class);

  private final ServerConfig config;
  private final Registry registry;
  private final Clock clock;
  private final RenewalCollector renewals = new RenewalCollector();

  /** The renewals by stock peers, which are replicated to the native cluster only. */
  private final RenewalCollector renewalsByPeers = new RenewalCollector();

  private final PeerReplication peers;
  private @Nullable SelfRegistration selfRegistration;

  /** Null without a native cluster, and before the node has joined. */
  private volatile @Nullable NativeCluster cluster;

  /**
   * Creates a replication that has not begun.
   *
   * @param connector closed with the replication
   * @param onLinks receives the links to peers whenever they may have changed
   */
  NodeReplication(
      ServerConfig config,
      PeerConnector connector,
      Registry registry,
      Clock clock,
      String runId,
      Consumer<List<Supplier<PeerStatus>>> onLinks) {
    this.config = config;
    this.registry = registry;
    this.clock = clock;
    this.peers =
        new PeerReplication(config.peers(), connector, registry, clock, runId, renewals, onLinks);
  }

  /** Returns the recorder of an event loop's renewals, which records nothing if unused. */
  RenewedSlots recorderOf(EventLoop loop) {
    if (config.cluster() != null) {
      var unused = renewalsByPeers.add(loop);
    }
    boolean isReplicated = config.peers().hasPeers() || config.cluster() != null;
    return isReplicated ? renewals.add(loop) : RenewedSlots.NONE;
  }

  /** Returns the recorder of clients' renewals on the current event loop. */
  RenewedSlots recorderOfCurrentThread() {
    return renewals.ofCurrentThread();
  }

  /** Returns the recorder of peers' renewals on the current event loop. */
  RenewedSlots peerRecorderOfCurrentThread() {
    return renewalsByPeers.ofCurrentThread();
  }

  /** Returns the replication to stock peers. */
  PeerReplication peers() {
    return peers;
  }

  /**
   * Joins the native cluster if one is configured, and loads its registry.
   *
   * @return the membership, or null without a native cluster
   * @throws IOException if the cluster can't be joined
   */
  @Nullable
  NativeCluster join() throws IOException {
    NativeClusterSettings settings = config.cluster();
    if (settings == null) {
      return null;
    }
    NativeCluster joined = NativeCluster.join(settings, AnnouncedUrl.of(config), registry, clock);
    cluster = joined;
    Replica replica = joined.replica();
    renewals.subscribe(words -> replica.addRenewed(words, false));
    renewalsByPeers.subscribe(words -> replica.addRenewed(words, true));
    if (config.peers().hasPeers()) {
      replica.onRenewedByMembers(peers.peers()::addRenewalsDue);
      peers.peers().sendIf(peer -> replica.isGateway(peer.name()));
    }
    return joined;
  }

  /** Returns the native cluster as this member sees it; null without one. */
  @Nullable
  ClusterDescription clusterDescription() {
    NativeCluster joined = cluster;
    return joined == null ? null : joined.describe();
  }

  /** Returns whether the node has joined a native cluster and does not hold its registry yet. */
  boolean isClusterAwaited() {
    NativeCluster joined = cluster;
    return joined != null && !joined.replica().isComplete();
  }

  /**
   * Starts to replicate, and registers the node as an instance if configured.
   *
   * @param port the port on which the node listens
   * @param self the node as an instance
   * @param loop an event loop of the node, whose renewals are replicated
   */
  void start(int port, InstanceInfo self, EventLoop loop) {
    NativeCluster joined = cluster;
    if (joined != null) {
      joined.setPort(port);
    }
    peers.start(port);
    if (!config.peers().isSelfRegistered()) {
      return;
    }
    SelfRegistration registration = new SelfRegistration(registry, clock, self);
    selfRegistration = registration;
    var unused = loop.scheduleWithFixedDelay(
        () -> registration.renew(this::recorderOfCurrentThread),
        0,
        SelfRegistration.INTERVAL_MS,
        TimeUnit.MILLISECONDS);
  }

  /** Makes the state of the native cluster show that this node drains. It replicates as before. */
  void showDraining() {
    NativeCluster joined = cluster;
    if (joined != null) {
      joined.replica().showDraining();
    }
  }

  /** Cancels the registration of the node itself. */
  void cancelSelf() {
    if (selfRegistration != null) {
      selfRegistration.cancel();
    }
  }

  /** Makes each event loop publish the leases renewed on it since the last call. */
  void collectRenewals() {
    renewals.collect();
    renewalsByPeers.collect();
  }

  /**
   * Sends the last changes, and leaves the native cluster.
   *
   * @param loops runs a task on every event loop; the future completes after the last
   * @param joinersMs the maximum wait for members that load the registry from this one
   */
  void drain(Supplier<CompletableFuture<Void>> loops, long joinersMs) throws InterruptedException {
    peers.drain();
    NativeCluster joined = cluster;
    if (joined != null) {
      joined.awaitJoiners(joinersMs);
      collectRenewals();
      awaitCollected(loops.get());
      leave();
    }
  }

  private static void awaitCollected(CompletableFuture<Void> collected)
      throws InterruptedException {
    try {
      collected.get(COLLECT_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException blocked) {
      LOG.warn("the last renewals were not handed over to the cluster: event loops are blocked");
    }
  }

  private void leave() {
    NativeCluster joined = cluster;
    if (joined != null) {
      joined.close();
    }
  }

  /** Stops replicating at once. */
  @Override
  public void close() {
    peers.close();
    leave();
  }
}
