// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Reads;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.Report.Window;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of a search for the highest rate that meets an objective, as the JSON file holds it.
 *
 * @param conditions interval and durations are those of the search's beginning
 * @param objective in words
 * @param trials in order
 * @param heldPerSec the highest rate that met it; null when none did
 * @param heldInstances the instances that send it when each renews every 30 s; null when none did
 * @param failedPerSec the lowest rate that did not; null when all did
 * @param undrivenPerSec the lowest rate that the load generator could not drive; null when it drove
 *     all
 * @param isGeneratorLimited whether a generator that fell behind, not the target, set the upper end
 * @param isWindowLimited whether its bound of requests in flight did
 * @param isConfirmed whether the highest rate met it as often again as was asked
 * @param comparison of the whole search; null when nobody compared
 * @param passed whether there is an answer
 * @param outcome in one line
 */
public record Capacity(
    ReportConditions conditions,
    String objective,
    Registrations registrations,
    List<Trial> trials,
    @Nullable Double heldPerSec,
    @Nullable Long heldInstances,
    @Nullable Double failedPerSec,
    @Nullable Double undrivenPerSec,
    boolean isGeneratorLimited,
    boolean isWindowLimited,
    boolean isConfirmed,
    @Nullable Comparison comparison,
    boolean passed,
    String outcome) {

  /**
   * One rate that was tried.
   *
   * @param perSec heartbeats of the whole fleet, as they were due
   * @param stage what the search was about
   * @param targetCores CPU seconds of the target per second; null when unknown
   * @param reads beside the heartbeats; null without readers
   * @param outcome {@code HELD}, {@code FAILED}, {@code GENERATOR} or {@code WINDOW}
   * @param why it did not hold; empty when it did
   */
  public record Trial(
      double perSec,
      String stage,
      Window window,
      @Nullable Double targetCores,
      @Nullable Reads reads,
      Generator generator,
      String outcome,
      String why) {}
}
