// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import org.HdrHistogram.Histogram;

/** What became of all reads; any thread. */
final class ReadStats {
  private static final long LOWEST_US = 1;
  private static final long HIGHEST_US = 3_600_000_000L;
  private static final int DIGITS = 3;
  private static final double US_PER_MS = 1e3;
  private static final int OK = 200;

  private final Histogram latencyUs = new Histogram(LOWEST_US, HIGHEST_US, DIGITS);
  private long not200;
  private long failed;
  private long bytes;

  synchronized void answered(int status, long bodyBytes, long tookUs) {
    not200 += status == OK ? 0 : 1;
    bytes += bodyBytes;
    latencyUs.recordValue(Math.max(0, Math.min(tookUs, HIGHEST_US)));
  }

  synchronized void failed() {
    failed++;
  }

  /** Hands over what all readers together have seen. */
  synchronized void conclude(MetricValues findings) {
    findings.put("readers.answered", latencyUs.getTotalCount());
    findings.put("readers.not200", not200);
    findings.put("readers.failed", failed);
    findings.put("readers.bytes", bytes);
    if (latencyUs.getTotalCount() > 0) {
      findings.put("readers.p50", latencyUs.getValueAtPercentile(50) / US_PER_MS);
      findings.put("readers.p99", latencyUs.getValueAtPercentile(99) / US_PER_MS);
      findings.put("readers.max", latencyUs.getMaxValue() / US_PER_MS);
    }
  }
}
