// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.protocol.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A selector of the server to read from: the last successful one, and after a failure the next in
 * order. A round tries each server at most once. For one thread.
 */
final class MirrorServerSelector {
  /** Longest accepted {@code Retry-After}; a longer one may be a mistake. */
  static final long RETRY_AFTER_MS_MAX = 600_000;

  private final List<MirrorServer> servers;
  private final long[] notBeforeNs;
  private final Clock clock;
  private int current;
  private int remaining;

  MirrorServerSelector(List<MirrorServer> servers, Clock clock) {
    this.servers = servers;
    this.clock = clock;
    this.notBeforeNs = new long[servers.size()];
    Arrays.fill(notBeforeNs, clock.monotonicNs());
  }

  int count() {
    return servers.size();
  }

  void beginRound() {
    remaining = servers.size();
  }

  /** Advances to the next available server; returns false if the round has ended. */
  boolean findAvailable() {
    while (remaining > 0) {
      if (clock.monotonicNs() - notBeforeNs[current] >= 0) {
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
    notBeforeNs[current] = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(waitMs);
  }

  /** Returns the delay until some server is available, ms; 0 if one is. */
  long waitMs() {
    long leastNs = Long.MAX_VALUE;
    for (long notBefore : notBeforeNs) {
      leastNs = Math.min(leastNs, Math.max(0, notBefore - clock.monotonicNs()));
    }
    return TimeUnit.NANOSECONDS.toMillis(leastNs + 999_999);
  }
}
