// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Sample;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** One number of a report that is worth a line, and what it means. */
@SuppressWarnings("ImmutableEnumChecker") // Readings hold no state.
enum ReportFigure {
  RENEWALS_PER_SEC(
      "Renewals per second",
      "heartbeats answered 200, per second of the window",
      FigureUnit.PER_SEC,
      report -> report.window().renewalsPerSec()),
  P50("Latency p50, from due", "half of the answers took at most this", dueMs(Percentiles::p50Ms)),
  P90("Latency p90, from due", "nine in ten took at most this", dueMs(Percentiles::p90Ms)),
  P99("Latency p99, from due", "99 in 100 took at most this", dueMs(Percentiles::p99Ms)),
  P999("Latency p99.9, from due", "999 in 1,000 took at most this", dueMs(Percentiles::p999Ms)),
  MAX("Latency, longest, from due", "the slowest answer", dueMs(Percentiles::maxMs)),
  SENT_P50(
      "Latency p50, from sent",
      "counted from the hand-over to the socket",
      sentMs(Percentiles::p50Ms)),
  SENT_P99("Latency p99, from sent", "likewise", sentMs(Percentiles::p99Ms)),
  SENT_P999("Latency p99.9, from sent", "likewise", sentMs(Percentiles::p999Ms)),
  DUE("Heartbeats due", "in the window; each is accounted for", FigureUnit.COUNT, report ->
      (double) report.window().due()),
  NOT_RENEWED(
      "Heartbeats without a 200",
      "answered otherwise, failed, or unanswered",
      FigureUnit.COUNT,
      report -> notRenewed(report.window())),
  TARGET_CPU(
      "Target\u2019s CPU per renewal",
      "user and system time of its process",
      FigureUnit.US,
      report -> report.cost().targetCpuUs()),
  OWN_CPU(
      "Generator\u2019s CPU per renewal",
      "what it cost to send and check",
      FigureUnit.US,
      report -> report.cost().ownCpuUs()),
  BYTES_SENT(
      "Bytes sent per renewal",
      "HTTP only, without TCP and IP",
      FigureUnit.BYTES,
      report -> report.cost().bytesSent()),
  BYTES_RECEIVED(
      "Bytes received per renewal",
      "likewise",
      FigureUnit.BYTES,
      report -> report.cost().bytesReceived()),
  REGISTRATIONS_PER_SEC(
      "Registrations per second",
      "from the first to the last acceptance, before the warm-up",
      FigureUnit.PER_SEC,
      report ->
          report.registrations().count() == 0 ? null : report.registrations().perSec()),
  TARGET_HEAP(
      "Target\u2019s heap, highest",
      "as the target publishes it",
      FigureUnit.MIB,
      report -> highest(report, Sample::targetHeapBytes)),
  TARGET_RESIDENT(
      "Target\u2019s memory, highest",
      "resident, as its system counts it",
      FigureUnit.MIB,
      report -> highest(report, Sample::targetResidentBytes)),
  GENERATOR_CORES(
      "Generator\u2019s CPU",
      "cores it was busy on",
      FigureUnit.CORES,
      report -> report.generator().cores()),
  GENERATOR_LAG_P99(
      "Generator late, p99",
      "its own lateness, 99 % of its wake-ups",
      FigureUnit.MS,
      report -> report.generator().lagP99Ms()),
  GENERATOR_LAG_MAX(
      "Generator late, longest",
      "the worst of them",
      FigureUnit.MS,
      report -> report.generator().lagMaxMs()),
  GENERATOR_GC(
      "Generator\u2019s collector", "its pauses within the window, in all", FigureUnit.MS, report ->
          (double) report.generator().gcMs());

  /** What a report says; null when it doesn't know. */
  interface FigureReading {
    @Nullable
    Double of(Report report);
  }

  private final String label;
  private final String meaning;
  private final FigureUnit unit;
  private final FigureReading reading;

  ReportFigure(String label, String meaning, FigureUnit unit, FigureReading reading) {
    this.label = label;
    this.meaning = meaning;
    this.unit = unit;
    this.reading = reading;
  }

  ReportFigure(String label, String meaning, FigureReading ms) {
    this(label, meaning, FigureUnit.MS, ms);
  }

  String label() {
    return label;
  }

  String meaning() {
    return meaning;
  }

  FigureUnit unit() {
    return unit;
  }

  @Nullable
  Double of(Report report) {
    return reading.of(report);
  }

  private static FigureReading dueMs(ToDoubleFunction<Percentiles> which) {
    return report -> wasAnswered(report) ? which.applyAsDouble(report.window().fromDue()) : null;
  }

  private static FigureReading sentMs(ToDoubleFunction<Percentiles> which) {
    return report -> wasAnswered(report) ? which.applyAsDouble(report.window().fromSent()) : null;
  }

  private static boolean wasAnswered(Report report) {
    return !report.window().statuses().isEmpty();
  }

  private static double notRenewed(Report.Window window) {
    long answeredOtherwise =
        window.statuses().values().stream().mapToLong(Long::longValue).sum() - window.renewals();
    long failed = window.failures().values().stream().mapToLong(Long::longValue).sum();
    return answeredOtherwise + failed + window.unanswered();
  }

  private static @Nullable Double highest(Report report, Function<Sample, @Nullable Long> bytes) {
    return report.timeline().stream()
        .map(bytes)
        .filter(Objects::nonNull)
        .mapToDouble(Long::doubleValue)
        .boxed()
        .max(Double::compare)
        .orElse(null);
  }
}
