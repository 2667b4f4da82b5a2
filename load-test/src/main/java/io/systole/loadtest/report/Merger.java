// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.Connections;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Part;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Reads;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.Report.Window;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.function.ToIntFunction;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** Merges the reports of several generators that ran one load together. */
public final class Merger {
  /*
   * Counts are added, and percentiles are those of the merged histograms. The target's renewal
   * count and CPU time include the load of all generators, so neither belongs to one part; CPU time
   * is known if all parts had the same target and one of them measured it.
   */
  private static final double SECS_DIFFERENCE_MAX = 1e-3;

  private final List<Report> parts;

  private Merger(List<Report> parts) {
    this.parts = parts;
  }

  /**
   * Returns the report of all parts together.
   *
   * @param parts one or more
   * @throws IllegalArgumentException if they are not parts of one load
   */
  public static Report merge(List<Report> parts) {
    requireOneLoad(parts);
    return new Merger(parts).merged();
  }

  private static void requireOneLoad(List<Report> parts) {
    Report first = parts.get(0);
    for (Report part : parts) {
      requireSame("mode", first.conditions().mode(), part.conditions().mode());
      requireSame("window start", first.part().windowStart(), part.part().windowStart());
      if (Math.abs(first.window().secs() - part.window().secs()) > SECS_DIFFERENCE_MAX) {
        requireSame("window seconds", first.window().secs(), part.window().secs());
      }
    }
    List<Report> byFirst = parts.stream()
        .sorted(Comparator.comparingInt(part -> part.part().firstInstance()))
        .toList();
    for (int index = 1; index < byFirst.size(); index++) {
      Report before = byFirst.get(index - 1);
      if (end(before) > byFirst.get(index).part().firstInstance()) {
        throw new IllegalArgumentException("instances overlap: " + range(before) + " and "
            + range(byFirst.get(index)) + "; give each generator its --first");
      }
    }
  }

  private static void requireSame(String what, Object one, Object other) {
    if (!one.equals(other)) {
      throw new IllegalArgumentException("parts differ: " + what + " " + one + " and " + other);
    }
  }

  private static int end(Report part) {
    return part.part().firstInstance() + part.conditions().instances();
  }

  private static String range(Report part) {
    return part.part().firstInstance() + ".." + (end(part) - 1);
  }

  private Report merged() {
    Histogram fromDue = histogram(Part::fromDue);
    Histogram fromSent = histogram(Part::fromSent);
    Histogram gaps = histogram(Part::responseGaps);
    Part part = new Part(
        parts.stream().mapToInt(each -> each.part().firstInstance()).min().orElse(0),
        parts.get(0).part().windowStart(),
        Histograms.text(fromDue),
        Histograms.text(fromSent),
        Histograms.text(gaps));
    boolean hasPassed = parts.stream().allMatch(Report::passed);
    ReportConditions conditions = conditions();
    return new Report(
        "merge of " + parts.size() + ": " + conditions.mode() + " " + conditions.target(),
        conditions,
        registrations(),
        window(fromDue, fromSent, gaps),
        cost(),
        generator(),
        connections(),
        reads(),
        null,
        part,
        List.of(),
        events(),
        PercentilePoint.curve(fromDue),
        List.of(),
        hasPassed,
        hasPassed ? "all " + parts.size() + " parts passed" : faults());
  }

  private String faults() {
    return parts.stream()
        .filter(part -> !part.passed())
        .map(part -> part.name() + ": " + part.outcome())
        .collect(Collectors.joining("; "));
  }

  private ReportConditions conditions() {
    double perSec = sum(part -> part.conditions().intervalSecs() == 0
        ? 0
        : part.conditions().instances() / part.conditions().intervalSecs());
    int instances = sumOfInts(part -> part.conditions().instances());
    ReportConditions first = parts.get(0).conditions();
    return new ReportConditions(
        first.mode(),
        distinct(ReportConditions::target),
        instances,
        (int) max(part -> part.conditions().applications()),
        perSec == 0 ? 0 : instances / perSec,
        sumOfInts(part -> part.conditions().connections()),
        (int) max(part -> part.conditions().inFlight()),
        sumOfInts(part -> part.conditions().loops()),
        max(part -> part.conditions().warmupSecs()),
        first.durationSecs(),
        distinct(ReportConditions::traffic),
        parts.stream()
            .map(part -> part.conditions().startedAt())
            .sorted()
            .findFirst()
            .orElse(""),
        distinct(ReportConditions::version),
        distinct(ReportConditions::transport),
        distinct(ReportConditions::jdk),
        distinct(ReportConditions::os),
        (int) max(part -> part.conditions().cores()));
  }

  private Registrations registrations() {
    int count = sumOfInts(part -> part.registrations().count());
    double secs = max(part -> part.registrations().secs());
    return new Registrations(
        count,
        secs,
        secs == 0 ? 0 : count / secs,
        sumOfLongs(part -> part.registrations().failures()),
        sumOfLongs(part -> part.registrations().refusals()));
  }

  private Window window(Histogram fromDue, Histogram fromSent, Histogram gaps) {
    double secs = parts.get(0).window().secs();
    long renewedWithin = sumOfLongs(part -> part.window().renewedWithin());
    return new Window(
        secs,
        sumOfLongs(part -> part.window().due()),
        sumOfLongs(part -> part.window().renewals()),
        renewedWithin,
        secs == 0 ? 0 : renewedWithin / secs,
        counts(parts, part -> part.window().statuses()),
        counts(parts, part -> part.window().failures()),
        sumOfLongs(part -> part.window().unanswered()),
        Percentiles.of(fromDue),
        Percentiles.of(fromSent),
        Percentiles.of(gaps).p99Ms());
  }

  private Cost cost() {
    double all = sum(Merger::responses);
    if (all == 0) {
      return Cost.UNKNOWN;
    }
    boolean isOneTarget =
        parts.stream().map(part -> part.conditions().target()).distinct().count() == 1;
    Double targetCpuUs = isOneTarget ? targetCpuUs(all) : null;
    return new Cost(
        targetCpuUs,
        perResponse(Cost::ownCpuUs, all),
        perResponse(Cost::bytesSent, all),
        perResponse(Cost::bytesReceived, all));
  }

  /** Returns the mean over all responses; null if it is unknown for some of them. */
  private @Nullable Double perResponse(
      Function<Cost, @Nullable Double> figure, double allResponses) {
    double sum = 0;
    for (Report part : parts) {
      Double each = figure.apply(part.cost());
      if (each != null) {
        sum += each * responses(part);
      } else if (responses(part) > 0) {
        return null;
      }
    }
    return sum / allResponses;
  }

  private @Nullable Double targetCpuUs(double allResponses) {
    for (Report part : parts) {
      Double us = part.cost().targetCpuUs();
      if (us != null) {
        return us * responses(part) / allResponses;
      }
    }
    return null;
  }

  private static double responses(Report part) {
    return part.window().statuses().values().stream().mapToLong(Long::longValue).sum();
  }

  private Generator generator() {
    return new Generator(
        sum(part -> part.generator().cores()),
        max(part -> part.generator().lagP99Ms()),
        max(part -> part.generator().lagMaxMs()),
        sumOfLongs(part -> part.generator().gcMs()),
        sumOfLongs(part -> part.generator().heapBytes()),
        max(part -> part.generator().windowFullShare()),
        parts.stream().flatMap(part -> part.generator().loops().stream()).toList(),
        parts.stream().allMatch(part -> part.generator().isValid()),
        parts.stream()
            .map(part -> part.generator().reason())
            .filter(why -> !why.isEmpty())
            .collect(Collectors.joining("; ")));
  }

  private Connections connections() {
    return new Connections(
        sumOfLongs(part -> part.connections().opened()),
        sum(part -> part.connections().openedPerSec()),
        sumOfLongs(part -> part.connections().failed()));
  }

  private @Nullable Reads reads() {
    List<Reads> reads = new ArrayList<>();
    for (Report part : parts) {
      Reads own = part.reads();
      if (own != null) {
        reads.add(own);
      }
    }
    if (reads.isEmpty()) {
      return null;
    }
    return Reads.of(
        reads.stream().mapToInt(Reads::clients).sum(),
        reads.get(0).everySecs(),
        reads.stream().mapToLong(Reads::due).sum(),
        counts(reads, Reads::statuses),
        reads.stream().mapToLong(Reads::failed).sum(),
        reads.stream().mapToLong(Reads::bytes).sum(),
        Histograms.text(Histograms.sum(reads.stream().map(Reads::latencies).toList())));
  }

  /** Returns the events of all parts, in order of time. */
  private List<Event> events() {
    return parts.stream()
        .flatMap(part -> part.events().stream()
            .map(event -> new Event(event.atSecs(), range(part) + ": " + event.text())))
        .sorted(Comparator.comparingDouble(Event::atSecs))
        .toList();
  }

  private Histogram histogram(Function<Part, String> text) {
    return Histograms.sum(parts.stream().map(Report::part).map(text).toList());
  }

  private String distinct(Function<ReportConditions, String> condition) {
    return parts.stream()
        .map(Report::conditions)
        .map(condition)
        .filter(Objects::nonNull)
        .distinct()
        .collect(Collectors.joining(", "));
  }

  private static <T> Map<String, Long> counts(List<T> from, Function<T, Map<String, Long>> counts) {
    Map<String, Long> sum = new TreeMap<>();
    from.forEach(
        each -> counts.apply(each).forEach((name, count) -> sum.merge(name, count, Long::sum)));
    return sum;
  }

  private double sum(ToDoubleFunction<Report> figure) {
    return parts.stream().mapToDouble(figure).sum();
  }

  private double max(ToDoubleFunction<Report> figure) {
    return parts.stream().mapToDouble(figure).max().orElse(0);
  }

  private int sumOfInts(ToIntFunction<Report> count) {
    return parts.stream().mapToInt(count).sum();
  }

  private long sumOfLongs(ToLongFunction<Report> count) {
    return parts.stream().mapToLong(count).sum();
  }
}
