// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.PercentilePoint;
import io.systole.loadtest.report.Report.Connections;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Part;
import io.systole.loadtest.report.Report.Reads;
import io.systole.loadtest.report.Report.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The measurements of one window.
 *
 * @param startNs monotonic
 * @param targetCores CPU seconds of the target per second; null without its pid
 * @param reads null without readers
 * @param percentiles of the latencies from due, for a plot
 */
public record WindowResult(
    long startNs,
    Window window,
    Cost cost,
    @Nullable Double targetCores,
    Generator generator,
    Connections connections,
    @Nullable Reads reads,
    Part part,
    List<PercentilePoint> percentiles) {

  /** Returns a copy with the outcomes of reads. */
  WindowResult with(Reads outcomes) {
    return new WindowResult(
        startNs, window, cost, targetCores, generator, connections, outcomes, part, percentiles);
  }
}
