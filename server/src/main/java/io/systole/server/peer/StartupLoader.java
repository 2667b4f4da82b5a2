// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.time.Clock;
import io.systole.server.peer.PeerRegistryReader.TooLargeException;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads the registry of a peer at the start of the node (spec §5.6). One thread at a time. */
final class StartupLoader {
  /*
   * A stock server may return a list from its cache, up to 30 s old (spec §4.5); a Systole node
   * returns its registry with a version. So the head of its list is requested from every peer at
   * once, and the peers with a current list are tried before the others, those without a response
   * last. A peer that does not respond delays that only while no other has a current list.
   *
   * A peer may send without end. It has half of the time left, so that there is time for the next.
   */

  /** A level of the log. */
  private interface Log {
    void write(String format, Object... arguments);
  }

  /** The state of a peer's list by its head. The first is tried first. */
  private enum ListState {
    CURRENT,
    POSSIBLY_OUTDATED,
    UNAVAILABLE
  }

  /**
   * The maximum time for all peers before the node serves without a registry of theirs. A registry
   * of a million instances takes tens of seconds on two cores, and without it a whole fleet would
   * register again.
   */
  static final long START_MS_MAX = 120_000;

  private static final long RETRY_MS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(StartupLoader.class);

  private final PeerResolver resolver;
  private final PeerConnector connector;
  private final Registry registry;
  private final Clock clock;

  /** The peers that have failed. */
  private final Map<PeerAddress, FailureLog> failures = new HashMap<>();

  StartupLoader(PeerResolver resolver, PeerConnector connector, Registry registry, Clock clock) {
    this.resolver = resolver;
    this.connector = connector;
    this.registry = registry;
    this.clock = clock;
  }

  /**
   * Loads the registry of the first peer that returns it, one with a current list if possible.
   * Blocks.
   *
   * @param timeoutMs the maximum time for all peers
   * @return whether a registry was loaded; false if no peer has one
   */
  boolean load(long timeoutMs) throws InterruptedException {
    long beganNs = clock.monotonicNs();
    boolean isLoaded = tryAll(beganNs + TimeUnit.MILLISECONDS.toNanos(timeoutMs));
    if (!isLoaded) {
      LOG.info(
          "no registry loaded from peers addresses={} ms={}",
          failures.size(),
          TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - beganNs));
    }
    return isLoaded;
  }

  /**
   * Tries to load the registry of a peer until that has succeeded or the time is over. Blocks.
   *
   * @return whether a registry was loaded
   */
  boolean loadWithin(long timeoutMs) throws InterruptedException {
    long endNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    while (clock.monotonicNs() - endNs < 0) {
      if (tryAll(endNs)) {
        return true;
      }
      Thread.sleep(RETRY_MS);
    }
    return false;
  }

  private boolean tryAll(long endNs) throws InterruptedException {
    List<PeerAddress> peers = byListState(addresses(), endNs);
    failures.keySet().retainAll(peers);
    for (int i = 0; i < peers.size(); i++) {
      long leftNs = endNs - clock.monotonicNs();
      boolean isLast = i == peers.size() - 1;
      if (leftNs > 0 && load(peers.get(i), isLast ? leftNs : leftNs / 2)) {
        return true;
      }
    }
    return false;
  }

  private boolean load(PeerAddress peer, long timeoutNs) throws InterruptedException {
    RegistryDownload download = new RegistryDownload(registry, clock);
    try {
      download.from(peer.server().url(), connector.connectForRegistry(peer), timeoutNs);
      return true;
    } catch (IOException failure) {
      String reason = PeerFailureReason.of(failure);
      if (failures.computeIfAbsent(peer, key -> new FailureLog(clock)).permits(reason)) {
        Log log = failure instanceof TooLargeException ? LOG::warn : LOG::info;
        log.write(
            "registry not loaded from peer url={} address={}: {}",
            peer.server(),
            peer.address(),
            EscapedText.line(reason));
      }
      return false;
    }
  }

  /**
   * Returns the addresses of all peers whose names can be resolved, in the configured order; no
   * more than there may be links.
   */
  private List<PeerAddress> addresses() throws InterruptedException {
    List<PeerAddress> peers = new ArrayList<>();
    for (CompletableFuture<List<PeerAddress>> resolved : resolver.resolve().values()) {
      try {
        peers.addAll(resolved.get());
      } catch (ExecutionException unresolved) {
        // Logged; another peer may have the registry.
      }
    }
    return peers.stream().distinct().limit(PeerUrls.PEERS_MAX).toList();
  }

  /** Returns the peers in the order of what the heads of their lists show. */
  private List<PeerAddress> byListState(List<PeerAddress> peers, long endNs)
      throws InterruptedException {
    if (peers.size() < 2) {
      return peers;
    }
    Map<PeerAddress, CompletableFuture<ListState>> probes = new HashMap<>();
    peers.forEach(peer -> probes.put(peer, listState(peer)));
    long leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - clock.monotonicNs());
    awaitCurrent(probes.values(), Math.min(connector.timeoutMs(), leftMs / 2));
    Map<PeerAddress, ListState> states = new HashMap<>();
    probes.forEach((peer, probe) -> states.put(peer, probe.getNow(ListState.UNAVAILABLE)));
    return peers.stream().sorted(Comparator.comparing(states::get)).toList();
  }

  /** Requests the head of a peer's list. */
  private CompletableFuture<ListState> listState(PeerAddress peer) {
    PeerConnection connection = connector.connectForRegistry(peer);
    return connection.head(RegistryDownload.PATH).handle((response, failure) -> {
      connection.close();
      if (response == null || response.status() != 200) {
        return ListState.UNAVAILABLE;
      }
      return response.isCurrent() ? ListState.CURRENT : ListState.POSSIBLY_OUTDATED;
    });
  }

  /** Waits until a peer has a current list, all have responded, or the time is over. */
  private static void awaitCurrent(Collection<CompletableFuture<ListState>> probes, long timeoutMs)
      throws InterruptedException {
    CompletableFuture<Void> decided =
        CompletableFuture.allOf(probes.toArray(CompletableFuture[]::new));
    for (CompletableFuture<ListState> probe : probes) {
      var unused = probe.thenAccept(state -> {
        if (state == ListState.CURRENT) {
          decided.complete(null);
        }
      });
    }
    try {
      decided.completeOnTimeout(null, timeoutMs, TimeUnit.MILLISECONDS).get();
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
