// SPDX-License-Identifier: Apache-2.0
package io.systole.client.time;

/** A source of monotonic and wall-clock time. */
public interface Clock {
  /** The system clock. */
  Clock SYSTEM = new Clock() {
    @Override
    public long monotonicNs() {
      return System.nanoTime();
    }

    @Override
    public long wallMs() {
      return System.currentTimeMillis();
    }
  };

  /** Returns nanoseconds since a fixed arbitrary moment; never decreases. */
  long monotonicNs();

  /** Returns epoch milliseconds; may jump either way. */
  long wallMs();
}
