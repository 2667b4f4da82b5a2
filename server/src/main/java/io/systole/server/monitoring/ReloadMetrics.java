// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.systole.client.net.ReloadCounts;
import java.util.List;
import java.util.function.ToLongFunction;

/** Publishes whether changed files have come into force. */
public final class ReloadMetrics {
  private final MeterRegistry meters;

  public ReloadMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /**
   * Publishes the reloads of one kind of file.
   *
   * @param reloads of each such file; empty if the node has none
   */
  public void add(String kind, List<ReloadCounts> reloads) {
    count(kind, "applied", reloads, ReloadCounts::applied);
    count(kind, "failed", reloads, ReloadCounts::failed);
    Gauge.builder(
            "systole.config.last.reload.successful",
            reloads,
            all -> all.stream().allMatch(ReloadCounts::isLastApplied) ? 1 : 0)
        .strongReference(true)
        .tag("file", kind)
        .description("Whether the last reload of these files was applied; 1 before the first")
        .register(meters);
  }

  private void count(
      String kind, String outcome, List<ReloadCounts> reloads, ToLongFunction<ReloadCounts> of) {
    // The meter refers to the list weakly; the gauge keeps it.
    FunctionCounter.builder(
            "systole.config.reloads", reloads, all -> all.stream().mapToLong(of).sum())
        .tag("file", kind)
        .tag("outcome", outcome)
        .description("Reloads of configuration, credentials and certificates")
        .register(meters);
  }
}
