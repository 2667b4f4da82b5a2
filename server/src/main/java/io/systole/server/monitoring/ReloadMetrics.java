// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** Publishes whether changed files have come into force. */
public final class ReloadMetrics {
  /**
   * The outcomes of reading something again.
   *
   * @param isLastApplied true before the first
   */
  public record Reloads(LongSupplier applied, LongSupplier failed, BooleanSupplier isLastApplied) {}

  private final MeterRegistry meters;

  public ReloadMetrics(MeterRegistry meters) {
    this.meters = meters;
  }

  /**
   * Publishes the reloads of one kind of file.
   *
   * @param reloads of each such file; empty if the node has none
   */
  public void add(String kind, List<Reloads> reloads) {
    count(kind, "applied", reloads, each -> each.applied().getAsLong());
    count(kind, "failed", reloads, each -> each.failed().getAsLong());
    Gauge.builder(
            "systole.config.last.reload.successful",
            reloads,
            all -> all.stream().allMatch(each -> each.isLastApplied().getAsBoolean()) ? 1 : 0)
        .strongReference(true)
        .tag("file", kind)
        .description("Whether the last reload of these files was applied; 1 before the first")
        .register(meters);
  }

  private void count(
      String kind, String outcome, List<Reloads> reloads, ToLongFunction<Reloads> of) {
    // The meter refers to the list weakly; the gauge keeps it.
    FunctionCounter.builder(
            "systole.config.reloads", reloads, all -> all.stream().mapToLong(of).sum())
        .tag("file", kind)
        .tag("outcome", outcome)
        .description("Reloads of configuration, credentials and certificates")
        .register(meters);
  }
}
