// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

/**
 * Counts equal durations in a row before they are recorded: answers that were read together and
 * sent together took equally long. For one thread.
 */
final class RunLengthRecorder {
  /** Takes what was counted. */
  interface Sink {
    void record(long durationNs, long count);
  }

  private final Sink sink;
  private long lastNs;
  private long lastCount;

  RunLengthRecorder(Sink sink) {
    this.sink = sink;
  }

  void add(long durationNs) {
    if (durationNs != lastNs) {
      flush();
      lastNs = durationNs;
    }
    lastCount++;
  }

  void flush() {
    if (lastCount > 0) {
      sink.record(lastNs, lastCount);
      lastCount = 0;
    }
  }
}
