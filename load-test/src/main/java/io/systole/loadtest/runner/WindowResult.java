// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Point;
import io.systole.loadtest.report.Report.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of one window.
 *
 * @param startNs monotonic
 * @param targetCores CPU seconds of the target per second; null without its pid
 * @param percentiles of the latencies from due, for a plot
 */
public record WindowResult(
    long startNs,
    Window window,
    Cost cost,
    @Nullable Double targetCores,
    Generator generator,
    List<Point> percentiles) {}
