// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.time;

/**
 * A monotonic and a wall clock. Leases and timeouts use the monotonic clock, so a step of the wall
 * clock neither expires nor extends them; the wall clock only supplies the timestamps of documents.
 */
public interface Clock {
  /** The system's clocks; monotonic time is {@link System#nanoTime}, which may be negative. */
  Clock SYSTEM = new Clock() {
    @Override
    public long wallMs() {
      return System.currentTimeMillis();
    }

    @Override
    public long monotonicNs() {
      return System.nanoTime();
    }
  };

  /** Returns epoch milliseconds; may step in both directions. */
  long wallMs();

  /** Returns nanoseconds since an arbitrary origin, never decreasing. */
  long monotonicNs();

  /** Returns the system's clocks with a monotonic time that starts at 0 with this call. */
  static Clock startingAtZero() {
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
