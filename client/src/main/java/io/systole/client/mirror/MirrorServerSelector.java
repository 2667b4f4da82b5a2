// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Who is asked: the server that answered last, and when it fails the next in order. A round asks
 * each at most once. For one thread.
 */
final class MirrorServerSelector {
  /** Longest that a server's {@code Retry-After} is obeyed; it may be a mistake. */
  static final long RETRY_AFTER_MS_MAX = 600_000;

  private final List<MirrorServer> servers;
  private final long[] notBeforeNs;
  private final Clock clock;
  private int at;
  private int left;

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
    left = servers.size();
  }

  /** Goes on to the next that may be asked now; false when the round is over. */
  boolean seek() {
    while (left > 0) {
      if (clock.monotonicNs() - notBeforeNs[at] >= 0) {
        return true;
      }
      skip();
    }
    return false;
  }

  MirrorServer current() {
    return servers.get(at);
  }

  /** Asks the current one no more in this round. */
  void skip() {
    at = (at + 1) % servers.size();
    left--;
  }

  /** Asks the current one not before this time has passed, as it told us. */
  void avoid(long retryAfterMs) {
    long waitMs = Math.min(retryAfterMs, RETRY_AFTER_MS_MAX);
    notBeforeNs[at] = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(waitMs);
  }

  /** How long until some server may be asked, ms; 0 when one may now. */
  long waitMs() {
    long leastNs = Long.MAX_VALUE;
    for (long notBefore : notBeforeNs) {
      leastNs = Math.min(leastNs, Math.max(0, notBefore - clock.monotonicNs()));
    }
    return TimeUnit.NANOSECONDS.toMillis(leastNs + 999_999);
  }
}
