// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Point;
import io.systole.loadtest.report.Report.Window;
import java.util.List;

/**
 * What one window came to.
 *
 * @param startNs monotonic
 * @param percentiles of the latencies from due, for a plot
 */
public record Measured(
    long startNs, Window window, Cost cost, Generator generator, List<Point> percentiles) {}
