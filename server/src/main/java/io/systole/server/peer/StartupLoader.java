// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.Registry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** Loads the registry of a peer at the start of the node (spec §5.6). Any thread may call. */
final class StartupLoader {
  /*
   * A stock server may return a list from its cache, up to 30 s old (spec §4.5); a Systole node
   * returns its registry with a version. So the head of its list is requested from every peer at
   * once, and the peers with a current list are tried before the others. A peer that does not
   * respond delays that only while no other has a current list.
   */

  private static final long RETRY_MS = 1_000;

  private final PeerNames names;
  private final PeerConnector connector;
  private final Registry registry;
  private final Clock clock;

  StartupLoader(PeerNames names, PeerConnector connector, Registry registry, Clock clock) {
    this.names = names;
    this.connector = connector;
    this.registry = registry;
    this.clock = clock;
  }

  /**
   * Loads the registry of the first peer that returns it, one with a current list if possible.
   * Blocks.
   *
   * @return whether a registry was loaded; false if no peer has one
   */
  boolean load() throws InterruptedException {
    for (PeerAddress peer : currentFirst(addresses())) {
      RegistryDownload download = new RegistryDownload(registry, clock);
      if (download.from(peer.server().url(), connector.connectForRegistry(peer))) {
        return true;
      }
    }
    return false;
  }

  /**
   * Tries to load the registry of a peer until that has succeeded or the time is over. Blocks.
   *
   * @return whether a registry was loaded
   */
  boolean loadWithin(long timeoutMs) throws InterruptedException {
    long endNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (clock.monotonicNs() - endNs < 0) {
      if (load()) {
        return true;
      }
      Thread.sleep(RETRY_MS);
    }
    return false;
  }

  /** Returns the addresses of all peers whose names can be resolved, in the configured order. */
  private List<PeerAddress> addresses() throws InterruptedException {
    List<PeerAddress> peers = new ArrayList<>();
    for (CompletableFuture<List<PeerAddress>> resolved : names.resolve().values()) {
      try {
        peers.addAll(resolved.get());
      } catch (ExecutionException unresolved) {
        // Logged; another peer may have the registry.
      }
    }
    return peers;
  }

  /** Returns the peers known to have a current list, then the others, each in their order. */
  private List<PeerAddress> currentFirst(List<PeerAddress> peers) throws InterruptedException {
    if (peers.size() < 2) {
      return peers;
    }
    Map<PeerAddress, CompletableFuture<Boolean>> probes = new HashMap<>();
    peers.forEach(peer -> probes.computeIfAbsent(peer, this::hasCurrentList));
    awaitCurrent(probes.values());
    Set<PeerAddress> current = new HashSet<>();
    probes.forEach((peer, probe) -> {
      if (probe.getNow(false)) {
        current.add(peer);
      }
    });
    return peers.stream()
        .sorted(Comparator.comparing(peer -> !current.contains(peer)))
        .toList();
  }

  /** Requests the head of a peer's list. The result is false if the request fails. */
  private CompletableFuture<Boolean> hasCurrentList(PeerAddress peer) {
    PeerConnection connection = connector.connectForRegistry(peer);
    return connection.head(RegistryDownload.PATH).handle((response, failure) -> {
      connection.close();
      return response != null && response.status() == 200 && response.isCurrent();
    });
  }

  /** Waits until a peer has a current list, all have responded, or the time is over. */
  private void awaitCurrent(Collection<CompletableFuture<Boolean>> probes)
      throws InterruptedException {
    CompletableFuture<Void> decided =
        CompletableFuture.allOf(probes.toArray(CompletableFuture[]::new));
    for (CompletableFuture<Boolean> probe : probes) {
      var unused = probe.thenAccept(isCurrent -> {
        if (isCurrent) {
          decided.complete(null);
        }
      });
    }
    try {
      decided
          .completeOnTimeout(null, connector.timeoutMs(), TimeUnit.MILLISECONDS)
          .get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
