// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Sample;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/** A figure of a report, with its label, description and unit. */
@SuppressWarnings("ImmutableEnumChecker") // Readings hold no state.
enum ReportFigure {
  RENEWALS_PER_SEC(
      "Renewals per second",
      "responses with status 200 per second of the window",
      FigureUnit.PER_SEC,
      report -> report.window().renewalsPerSec()),
  P50(
      "Latency p50, from due",
      "half of the responses took at most this",
      dueMs(Percentiles::p50Ms)),
  P90("Latency p90, from due", "nine in ten took at most this", dueMs(Percentiles::p90Ms)),
  P99("Latency p99, from due", "99 in 100 took at most this", dueMs(Percentiles::p99Ms)),
  P999("Latency p99.9, from due", "999 in 1,000 took at most this", dueMs(Percentiles::p999Ms)),
  MAX("Maximum latency, from due", "the slowest response", dueMs(Percentiles::maxMs)),
  SENT_P50("Latency p50, from sent", "from the write to the socket", sentMs(Percentiles::p50Ms)),
  SENT_P99("Latency p99, from sent", "likewise", sentMs(Percentiles::p99Ms)),
  SENT_P999("Latency p99.9, from sent", "likewise", sentMs(Percentiles::p999Ms)),
  DUE("Heartbeats due", "in the window", FigureUnit.COUNT, report ->
      (double) report.window().due()),
  NOT_RENEWED(
      "Heartbeats without status 200",
      "another status, failed, or unanswered",
      FigureUnit.COUNT,
      report -> notRenewed(report.window())),
  TARGET_CPU(
      "Target CPU per renewal",
      "user and system time of its process",
      FigureUnit.US,
      report -> report.cost().targetCpuUs()),
  OWN_CPU(
      "Generator CPU per renewal",
      "user and system time of the load generator",
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
      "Target heap, maximum",
      "as published by the target",
      FigureUnit.MIB,
      report -> highest(report, Sample::targetHeapBytes)),
  TARGET_RESIDENT(
      "Target memory, maximum",
      "resident",
      FigureUnit.MIB,
      report -> highest(report, Sample::targetResidentBytes)),
  GENERATOR_CORES(
      "Generator CPU",
      "cores used",
      FigureUnit.CORES,
      report -> report.generator().cores()),
  GENERATOR_LAG_P99(
      "Generator lag, p99",
      "its own lag in 99 % of the time",
      FigureUnit.MS,
      report -> report.generator().lagP99Ms()),
  GENERATOR_LAG_MAX(
      "Generator lag, maximum",
      "its own lag at worst",
      FigureUnit.MS,
      report -> report.generator().lagMaxMs()),
  GENERATOR_GC("Generator GC", "total pauses within the window", FigureUnit.MS, report ->
      (double) report.generator().gcMs());

  /** A figure of a report; null if unknown. */
  interface FigureReading {
    @Nullable
    Double of(Report report);
  }

  private final String label;
  private final String description;
  private final FigureUnit unit;
  private final FigureReading reading;

  ReportFigure(String label, String description, FigureUnit unit, FigureReading reading) {
    this.label = label;
    this.description = description;
    this.unit = unit;
    this.reading = reading;
  }

  ReportFigure(String label, String description, FigureReading ms) {
    this(label, description, FigureUnit.MS, ms);
  }

  String label() {
    return label;
  }

  String description() {
    return description;
  }

  FigureUnit unit() {
    return unit;
  }

  @Nullable
  Double of(Report report) {
    return reading.of(report);
  }

  private static FigureReading dueMs(ToDoubleFunction<Percentiles> percentile) {
    return report ->
        hasResponses(report) ? percentile.applyAsDouble(report.window().fromDue()) : null;
  }

  private static FigureReading sentMs(ToDoubleFunction<Percentiles> percentile) {
    return report ->
        hasResponses(report) ? percentile.applyAsDouble(report.window().fromSent()) : null;
  }

  private static boolean hasResponses(Report report) {
    return !report.window().statuses().isEmpty();
  }

  private static double notRenewed(Report.Window window) {
    long otherStatuses =
        window.statuses().values().stream().mapToLong(Long::longValue).sum() - window.renewals();
    long failed = window.failures().values().stream().mapToLong(Long::longValue).sum();
    return otherStatuses + failed + window.unanswered();
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
