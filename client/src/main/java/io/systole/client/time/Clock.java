// SPDX-License-Identifier: Apache-2.0
package io.systole.client.time;

/** The time, twice: what the calendar says and what a stop-watch says. They never meet. */
public interface Clock {
  /** The clock of the machine. */
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

  /** Returns nanoseconds since some fixed moment; never runs backwards. */
  long monotonicNs();

  /** Returns epoch milliseconds; may jump either way. */
  long wallMs();
}
