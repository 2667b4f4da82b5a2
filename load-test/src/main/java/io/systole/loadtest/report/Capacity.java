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
 * The result of a capacity search, as written to the JSON file.
 *
 * @param conditions with the interval and durations of the search's start
 * @param objective as text
 * @param trials in order
 * @param heldPerSec the highest rate that met the objective; null if none did
 * @param heldInstances the instances that produce this rate at an interval of 30 s; null if no rate
 *     held
 * @param failedPerSec the lowest rate that did not meet it; null if all did
 * @param inconclusivePerSec the lowest rate that the load generator could not sustain; null if it
 *     sustained all
 * @param isGeneratorLimited whether a generator that fell behind set the upper bound
 * @param isWindowLimited whether the generator's in-flight window set the upper bound
 * @param isConfirmed whether at least one repetition was required, and all confirmed the highest
 *     rate
 * @param comparison of the whole search; null without one
 * @param passed whether there is a result, confirmed as often as required
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
    @Nullable Double inconclusivePerSec,
    boolean isGeneratorLimited,
    boolean isWindowLimited,
    boolean isConfirmed,
    @Nullable Comparison comparison,
    boolean passed,
    String outcome) {

  /**
   * One tried rate.
   *
   * @param perSec due heartbeats of the whole fleet
   * @param stage of the search
   * @param targetCores CPU seconds of the target per second; null if unknown
   * @param reads null without readers
   * @param outcome {@code HELD}, {@code FAILED}, {@code GENERATOR_LIMITED} or
   *     {@code WINDOW_LIMITED}
   * @param reason for any other outcome than {@code HELD}; otherwise empty
   */
  public record Trial(
      double perSec,
      String stage,
      Window window,
      @Nullable Double targetCores,
      @Nullable Reads reads,
      Generator generator,
      String outcome,
      String reason) {}
}
