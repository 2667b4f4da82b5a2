// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Conditions;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a search for the highest rate that meets an objective; what the JSON file holds.
 *
 * @param conditions interval and durations are those of the search's beginning
 * @param objective in words
 * @param trials in order
 * @param heldPerSec the highest rate that met it; null when none did
 * @param failedPerSec the lowest rate that did not; null when all did
 * @param isGeneratorLimited whether the load generator, not the target, set the upper end
 * @param isConfirmed whether the highest rate met it as often again as was asked
 * @param comparison of the whole search; null when nobody compared
 * @param passed whether there is an answer
 * @param verdict in one line
 */
public record Capacity(
    Conditions conditions,
    String objective,
    Registrations registrations,
    List<Trial> trials,
    @Nullable Double heldPerSec,
    @Nullable Double failedPerSec,
    boolean isGeneratorLimited,
    boolean isConfirmed,
    @Nullable Comparison comparison,
    boolean passed,
    String verdict) {

  /**
   * One rate that was tried.
   *
   * @param perSec heartbeats of the whole fleet, as they were due
   * @param stage what the search was about
   * @param targetCores CPU seconds of the target per second; null when unknown
   * @param outcome {@code HELD}, {@code FAILED} or {@code GENERATOR}
   * @param why it did not hold; empty when it did
   */
  public record Trial(
      double perSec,
      String stage,
      Window window,
      @Nullable Double targetCores,
      Generator generator,
      String outcome,
      String why) {}
}
