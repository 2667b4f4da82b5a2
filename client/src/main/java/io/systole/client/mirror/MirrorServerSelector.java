// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.protocol.time.Clock;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A selector of the server to read from: the last successful one, and after a failure the next in
 * order. A round tries each server at most once. Servers learned from a native cluster follow those
 * configured, in random order. For one thread, except as stated.
 */
final class MirrorServerSelector {
  /** Longest accepted {@code Retry-After}; a longer one may be a mistake. */
  static final long RETRY_AFTER_MS_MAX = 600_000;

  private final List<MirrorServer> configured;
  private final Clock clock;
  private final SplittableRandom random;
  private List<MirrorServer> servers;

  /** Servers that must not be used before a time, monotonic. */
  private final Map<MirrorServer, Long> notBeforeNs = new HashMap<>();

  /** The learned servers from the next round on. */
  private List<MirrorServer> learned = List.of();

  /** All servers, for any thread. */
  private volatile List<URI> urls;

  private int current;
  private int remaining;

  MirrorServerSelector(List<MirrorServer> configured, Clock clock, SplittableRandom random) {
    this.configured = configured;
    this.servers = configured;
    this.clock = clock;
    this.random = random;
    this.urls = configured();
  }

  /** Returns the service URLs of the configured and then the learned servers. For any thread. */
  List<URI> urls() {
    return urls;
  }

  /** Returns the service URLs of the configured servers. */
  List<URI> configured() {
    return configured.stream().map(MirrorServer::base).toList();
  }

  /**
   * Replaces the learned servers from the next round on.
   *
   * @param members without configured servers
   * @return whether a server was added or removed
   */
  boolean learn(List<MirrorServer> members) {
    List<MirrorServer> next = new ArrayList<>(learned);
    boolean isChanged = next.retainAll(members);
    for (MirrorServer member : members) {
      if (!next.contains(member)) {
        next.add(random.nextInt(next.size() + 1), member);
        isChanged = true;
      }
    }
    learned = next;
    urls = Stream.concat(configured.stream(), learned.stream())
        .map(MirrorServer::base)
        .toList();
    return isChanged;
  }

  int count() {
    return servers.size();
  }

  void beginRound() {
    MirrorServer before = current();
    List<MirrorServer> all = new ArrayList<>(configured);
    all.addAll(learned);
    servers = all;
    current = Math.max(0, servers.indexOf(before));
    notBeforeNs.keySet().retainAll(servers);
    remaining = servers.size();
  }

  /** Advances to the next available server; returns false if the round has ended. */
  boolean findAvailable() {
    while (remaining > 0) {
      if (waitNs(current()) == 0) {
        return true;
      }
      skip();
    }
    return false;
  }

  MirrorServer current() {
    return servers.get(current);
  }

  /** Advances to the next server. */
  void skip() {
    current = (current + 1) % servers.size();
    remaining--;
  }

  /** Does not use the current server before this time has passed. */
  void avoid(long retryAfterMs) {
    long waitMs = Math.min(retryAfterMs, RETRY_AFTER_MS_MAX);
    notBeforeNs.put(current(), clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(waitMs));
  }

  private long waitNs(MirrorServer server) {
    Long fromNs = notBeforeNs.get(server);
    return fromNs == null ? 0 : Math.max(0, fromNs - clock.monotonicNs());
  }

  /** Returns the delay until some server is available, ms; 0 if one is. */
  long waitMs() {
    long leastNs = Long.MAX_VALUE;
    for (MirrorServer server : servers) {
      leastNs = Math.min(leastNs, waitNs(server));
    }
    return TimeUnit.NANOSECONDS.toMillis(leastNs + 999_999);
  }
}
