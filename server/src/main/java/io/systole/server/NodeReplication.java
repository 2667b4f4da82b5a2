// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.channel.EventLoop;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.config.ServerConfig;
import io.systole.server.peer.PeerConnector;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.RenewalCollector;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The replication of the node's registry to other nodes, the renewals recorded for it, and the
 * instance that stands for the node itself.
 */
final class NodeReplication implements AutoCloseable {
  private final ServerConfig config;
  private final Registry registry;
  private final Clock clock;
  private final RenewalCollector renewals = new RenewalCollector();

  /** The renewals by stock peers, which are passed on to the native cluster only. */
  private final RenewalCollector renewalsByPeers = new RenewalCollector();

  private final PeerReplication peers;
  private @Nullable SelfRegistration selfRegistration;

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

  /** Returns the recorder of an event loop's renewals; it records nothing if nobody reads them. */
  RenewedSlots recorderOf(EventLoop loop) {
    return config.peers().hasPeers() ? renewals.add(loop) : RenewedSlots.NONE;
  }

  /** Returns the recorder of clients' renewals on the current event loop. */
  RenewedSlots recorderOfCurrentThread() {
    return renewals.ofCurrentThread();
  }

  /** Returns the recorder of peers' renewals on the current event loop. */
  RenewedSlots peerRecorderOfCurrentThread() {
    return renewalsByPeers.ofCurrentThread();
  }

  /** The replication to stock peers. */
  PeerReplication peers() {
    return peers;
  }

  /**
   * Starts to replicate, and registers the node as an instance if configured.
   *
   * @param port the port on which the node listens
   * @param self the node as an instance
   * @param loop an event loop of the node, whose renewals are replicated
   */
  void start(int port, InstanceInfo self, EventLoop loop) {
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

  /** Cancels the registration of the node itself. */
  void cancelSelf() {
    if (selfRegistration != null) {
      selfRegistration.cancel();
    }
  }

  /** Sends the last changes. */
  void drain() throws InterruptedException {
    peers.drain();
  }

  /** Stops replicating at once. */
  @Override
  public void close() {
    peers.close();
  }
}
