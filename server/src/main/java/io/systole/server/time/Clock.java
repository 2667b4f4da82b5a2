// SPDX-License-Identifier: Apache-2.0
package io.systole.server.time;

/**
 * The two clocks of a node. Leases are counted on the monotonic one, so that a step of the wall
 * clock neither ends nor prolongs a life; the wall clock only stamps documents.
 */
public interface Clock {
  /** Epoch milliseconds; may step in both directions. */
  long wallMs();

  /** Nanoseconds since an arbitrary start, at least 0, never decreasing. */
  long monotonicNs();

  /** The machine's clocks; monotonic time begins with this call. */
  static Clock system() {
    return new SystemClock();
  }
}
