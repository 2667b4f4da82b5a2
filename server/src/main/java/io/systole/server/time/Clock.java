// SPDX-License-Identifier: Apache-2.0
package io.systole.server.time;

/**
 * A monotonic and a wall clock. Leases use the monotonic clock, so a step of the wall clock neither
 * expires nor extends them; the wall clock only supplies the timestamps of documents.
 */
public interface Clock {
  /** Returns epoch milliseconds; may step in both directions. */
  long wallMs();

  /** Returns nanoseconds since an arbitrary origin, 0 or more, never decreasing. */
  long monotonicNs();

  /** Returns the system's clocks; monotonic time starts with this call. */
  static Clock system() {
    long originNs = System.nanoTime();
    return new Clock() {
      @Override
      public long wallMs() {
        return System.currentTimeMillis();
      }

      @Override
      public long monotonicNs() {
        return System.nanoTime() - originNs;
      }
    };
  }
}
