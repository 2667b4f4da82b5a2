// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.PercentilePoint;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Connections;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Part;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.report.Report.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.jspecify.annotations.Nullable;

/** Synthetic reports. */
final class Reports {
  static final Generator IN_TIME =
      new Generator(0.21, 0.4, 3.2, 12, 160L << 20, 0, List.of(), true, "");
  static final Generator LATE = new Generator(
      1, 412, 1_830, 640, 900L << 20, 0, List.of(), false, "99 % of its wake-ups were 412 ms late");

  private static final Connections NO_CONNECTIONS = new Connections(0, 0, 0);
  private static final Part NO_PART = new Part(0, "2026-11-20T10:00:05Z", "", "", "");

  private Reports() {}

  /** Returns a minute in which the target stalls for two seconds, at 24 s. */
  static Report stalled() {
    return with(run("run http://127.0.0.1:8761/v2", 1, 70, 24, 3), IN_TIME);
  }

  /** Returns a run that passes. */
  static Report smooth(String name, long seed, double slowness) {
    return run(name, seed, 70, -1, slowness);
  }

  /** Returns a report without any measurements. */
  static Report bare(String name) {
    Percentiles none = new Percentiles(0, 0, 0, 0, 0);
    return new Report(
        name,
        conditions(),
        new Registrations(0, 0, 0, 0, 0),
        new Window(0, 0, 0, 0, 0, Map.of(), Map.of(), 0, none, none, 0),
        Cost.UNKNOWN,
        IN_TIME,
        NO_CONNECTIONS,
        null,
        null,
        NO_PART,
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        false,
        "no heartbeat was due in the window");
  }

  static Report with(Report report, Generator generator) {
    return new Report(
        report.name(),
        report.conditions(),
        report.registrations(),
        report.window(),
        report.cost(),
        generator,
        report.connections(),
        report.reads(),
        report.comparison(),
        report.part(),
        report.timeline(),
        report.events(),
        report.percentiles(),
        report.expectations(),
        report.passed() && generator.isValid(),
        report.outcome());
  }

  static Report with(Report report, List<Sample> timeline, List<Event> events) {
    return new Report(
        report.name(),
        report.conditions(),
        report.registrations(),
        report.window(),
        report.cost(),
        report.generator(),
        report.connections(),
        report.reads(),
        report.comparison(),
        report.part(),
        timeline,
        events,
        report.percentiles(),
        report.expectations(),
        report.passed(),
        report.outcome());
  }

  /** Returns a sample without responses and target figures. */
  static Sample silent(double atSecs) {
    return new Sample(
        atSecs, 1, 100, 0, 0, 0, 0, 100, null, null, null, null, null, null, null, null, 0.1, 1);
  }

  static Sample answered(double atSecs, double p99Ms) {
    return new Sample(
        atSecs,
        1,
        100,
        100,
        0,
        0,
        0,
        0,
        p99Ms / 4,
        p99Ms / 2,
        p99Ms,
        p99Ms * 2,
        p99Ms * 3,
        0.5,
        100L << 20,
        300L << 20,
        0.1,
        1);
  }

  /** Returns a run that starts with registrations; the window is the last 60 samples. */
  private static Report run(String name, long seed, int samples, int stallAt, double slowness) {
    Random random = new Random(seed);
    List<Sample> timeline = new ArrayList<>();
    for (int i = 0; i < samples; i++) {
      timeline.add(sample(random, i - samples + 61, stallAt, slowness, i < 4));
    }
    boolean hasStalled = stallAt >= 0;
    long renewed = hasStalled ? 199_860 : 200_000;
    Map<String, Long> statuses =
        hasStalled ? Map.of("200", renewed, "404", 100L) : Map.of("200", renewed);
    Map<String, Long> failures = hasStalled ? Map.of("TIMED_OUT", 40L) : Map.of();
    double stalledMs = hasStalled ? 1_980 : 9 * slowness;
    return new Report(
        name,
        conditions(),
        new Registrations(100_000, 3.91, 25_575, 0, 0),
        new Window(
            60,
            200_000,
            renewed,
            renewed,
            renewed / 60.0,
            statuses,
            failures,
            0,
            new Percentiles(0.21 * slowness, 0.4 * slowness, 1.3 * slowness, stalledMs, stalledMs),
            new Percentiles(0.2 * slowness, 0.3 * slowness, 0.9 * slowness, 3, 1_010),
            0),
        new Cost(0.41 * slowness + random.nextDouble() / 20, 0.23, 118.4, 31.0),
        IN_TIME,
        NO_CONNECTIONS,
        null,
        Comparison.of(216_430L, 216_430),
        NO_PART,
        timeline,
        hasStalled
            ? List.of(
                new Event(-4, "warm-up begins"),
                new Event(24, "target stopped: kill -STOP"),
                new Event(26, "target resumed: kill -CONT"),
                new Event(41, "10,000 instances registered again"))
            : List.of(),
        points(stalledMs, slowness),
        hasStalled
            ? List.of(
                new ReportExpectation("p99 <= 20 ms", "1,300 ms", false),
                new ReportExpectation("renewals >= 3000/s", "3,331/s", true))
            : List.of(),
        !hasStalled,
        hasStalled
            ? "of 200000 heartbeats 100 with status 404, 40 TIMED_OUT"
            : "every heartbeat due in the window received status 200");
  }

  private static Sample sample(
      Random random, double atSecs, int stallAt, double slowness, boolean isRegistering) {
    double noise = 0.9 + random.nextDouble() / 5 + slowness / 40;
    if (isRegistering) {
      return new Sample(
          atSecs,
          1,
          0,
          0,
          0,
          0,
          Math.round(25_000 * noise),
          0,
          null,
          null,
          null,
          null,
          null,
          0.9 * noise,
          140L << 20,
          310L << 20,
          0.5 * noise,
          noise);
    }
    boolean isStalled = stallAt >= 0 && atSecs > stallAt && atSecs <= stallAt + 2;
    boolean isAfter = stallAt >= 0 && atSecs == stallAt + 3;
    long heap = (long) ((120 + slowness * 5 + (atSecs + 10) * 7 % 90) * (1 << 20));
    long answered = Math.round(3_333 * noise);
    Double p50 = isStalled ? null : (isAfter ? 900.0 : 0.21 * slowness) * noise;
    return new Sample(
        atSecs,
        1,
        Math.round(3_333 * noise),
        isStalled ? 0 : isAfter ? 9_900 : answered,
        isAfter ? 100 : 0,
        isAfter ? 40 : 0,
        0,
        isStalled ? Math.round(3_333 * (atSecs - stallAt)) : random.nextInt(30),
        p50,
        scaled(p50, 2),
        scaled(p50, isAfter ? 2.1 : 6),
        scaled(p50, isAfter ? 2.2 : 14),
        scaled(p50, isAfter ? 2.2 : 30 * noise),
        isStalled ? 0.01 : 0.17 * slowness * noise,
        heap,
        (long) ((340 + slowness * 5 + random.nextInt(4)) * (1 << 20)),
        0.09 * noise,
        0.4 * noise + (atSecs % 17 == 0 ? 2.7 : 0));
  }

  private static @Nullable Double scaled(@Nullable Double ms, double factor) {
    return ms == null ? null : ms * factor;
  }

  private static List<PercentilePoint> points(double maxMs, double slowness) {
    List<PercentilePoint> points = new ArrayList<>();
    DoubleStream.iterate(1, rarity -> rarity < 200_000, rarity -> rarity * 1.15)
        .mapToObj(rarity -> new PercentilePoint(
            100 - 100 / rarity, Math.min(maxMs, 0.12 * slowness * Math.pow(rarity, 0.62))))
        .forEach(points::add);
    points.add(new PercentilePoint(100, maxMs));
    return points;
  }

  private static ReportConditions conditions() {
    return new ReportConditions(
        "run",
        "http://127.0.0.1:8761/v2",
        100_000,
        1_000,
        30,
        8,
        64,
        1,
        5,
        60,
        "arrivals even, batching on",
        "2026-11-20T10:00:00Z",
        "0.1.0",
        "epoll, Netty 4.2.18",
        "17.0.17+10",
        "Linux 6.12",
        2);
  }
}
