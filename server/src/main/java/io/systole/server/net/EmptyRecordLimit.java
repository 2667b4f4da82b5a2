// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.concurrent.TimeUnit;

/** The limit of one connection's TLS records without application data: a burst, then a rate. */
final class EmptyRecordLimit {
  /**
   * Records that may arrive at once. A handshake has about six, and more if a long certificate
   * chain is sent in short records; later ones are alerts and KeyUpdates.
   */
  static final int BURST = 64;

  /** The interval at which another record may arrive. */
  static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

  /** The time at which the whole burst is available again. */
  private long fullAtNs;

  EmptyRecordLimit(long nowNs) {
    this.fullAtNs = nowNs;
  }

  /** Counts a record, and returns whether it is within the limit. */
  boolean admits(long nowNs) {
    fullAtNs = Math.max(nowNs, fullAtNs) + INTERVAL_NS;
    return fullAtNs - nowNs <= BURST * INTERVAL_NS;
  }
}
