// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.time.Clock;
import io.systole.server.endpoint.StatusEndpoint;
import io.systole.server.peer.PeerConnector;
import io.systole.server.peer.PeerSettings;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.peer.Peers;
import io.systole.server.peer.RenewalCollector;
import io.systole.server.registry.Registry;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The replication to stock peers, by Eureka's own protocol. Does nothing without any. */
final class PeerReplication implements AutoCloseable {
  /** The time that a stopping node has to send its last changes to its peers. */
  private static final long DRAIN_MS = 2_000;

  private final PeerSettings settings;
  private final Peers peers;

  /**
   * Creates a replication that has not begun.
   *
   * @param connector closed with the replication
   * @param renewals the renewals on the node's event loops
   * @param onLinks receives the current links whenever they may have changed
   */
  PeerReplication(
      PeerSettings settings,
      PeerConnector connector,
      Registry registry,
      Clock clock,
      String runId,
      RenewalCollector renewals,
      Consumer<List<Supplier<PeerStatus>>> onLinks) {
    this.settings = settings;
    this.peers = new Peers(settings, connector, registry, clock, runId, renewals);
    peers.onLinks(onLinks);
  }

  /** Returns the states of the links to peers. */
  List<PeerStatus> statuses() {
    return peers.statuses();
  }

  /** Returns the URLs of the peers, as the status document shows them. */
  StatusEndpoint.Replicas replicas() {
    Map<Boolean, List<String>> urls = statuses().stream()
        .collect(Collectors.partitioningBy(
            // If a link stands by, another member of the native cluster replicates to the peer.
            peer -> peer.state() == LinkState.UP || peer.state() == LinkState.STANDBY,
            Collectors.mapping(peer -> peer.url().toString(), Collectors.toList())));
    return new StatusEndpoint.Replicas(
        urls.getOrDefault(true, List.of()), urls.getOrDefault(false, List.of()));
  }

  /** Returns the peers. */
  Peers peers() {
    return peers;
  }

  /**
   * Loads the registry of a peer before the node serves, so that it never serves a part of it. If
   * no peer returns one, continues in the background.
   *
   * @param waitMs how long to try in the background; 0 for not at all
   * @param onLoaded run once a registry has been loaded
   */
  void load(long waitMs, Runnable onLoaded) {
    if (!settings.hasPeers()) {
      return;
    }
    if (peers.load()) {
      onLoaded.run();
    } else if (waitMs > 0) {
      peers.keepLoading(waitMs, onLoaded);
    }
  }

  /**
   * Starts to replicate.
   *
   * @param port the port on which the node listens
   */
  void start(int port) {
    peers.start(port);
  }

  /** Replaces the configured URLs of the peers, if the node was started with any. */
  void reload(PeerSettings next) {
    if (settings.hasPeers()) {
      peers.reload(next);
    }
  }

  /** Sends the last changes to the peers. */
  void drain() throws InterruptedException {
    peers.drain(DRAIN_MS);
  }

  /** Stops replicating at once. */
  @Override
  public void close() {
    peers.close();
  }
}
