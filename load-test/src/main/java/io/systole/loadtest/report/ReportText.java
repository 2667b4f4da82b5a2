// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Loop;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Reads;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.report.Report.Window;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The terminal form of a report. */
public final class ReportText {
  private static final long BYTES_PER_MB = 1_000_000;
  private static final double PERCENT = 100;
  private static final String NO_RESPONSE = "unknown (no response)";

  private ReportText() {}

  public static String of(Report report) {
    var conditions = report.conditions();
    var window = report.window();
    var text = new TextLines();
    text.add("%s %s", conditions.mode(), conditions.target());
    double intervalSecs = conditions.intervalSecs();
    text.addConditions(conditions, intervalSecs > 0 ? ", interval " + intervalSecs + " s" : "");
    text.add(
        "registrations  %,.0f/s (%,d in %.2f s, %d retried)",
        report.registrations().perSec(),
        report.registrations().count(),
        report.registrations().secs(),
        report.registrations().failures());
    addRefusals(text, report.registrations());
    text.add(
        "renewals       %,.0f/s within the window (%,d of %,d due in %.2f s)",
        window.renewalsPerSec(), window.renewals(), window.due(), window.secs());
    text.add("statuses       %s", window.statuses());
    text.add("failures       %s, unanswered %d", window.failures(), window.unanswered());
    text.add("latency from due   %s%s", percentiles(window.fromDue()), lowerBounds(window));
    text.add("latency from sent  %s", percentiles(window.fromSent()));
    text.add("CPU per renewal    %s", cpu(report.cost()));
    text.add("bytes per renewal  %s", bytes(report.cost()));
    text.add("load generator     %s", generator(report.generator()));
    if (!report.generator().reason().isEmpty()) {
      text.add("  %s", report.generator().reason());
    }
    text.add(
        "connections        opened %,d (%,.1f/s), %,d failed to open",
        report.connections().opened(),
        report.connections().openedPerSec(),
        report.connections().failed());
    if (report.reads() != null) {
      text.add("reads              %s", reads(report.reads()));
    }
    if (report.comparison() != null) {
      text.add("%s", comparison(report.comparison()));
    }
    for (Event event : report.events()) {
      text.add("at %.1f s: %s", event.atSecs(), event.text());
    }
    for (ReportExpectation expected : report.expectations()) {
      text.add(
          "%s %s: %s",
          expected.held() ? "held    " : "NOT HELD", expected.text(), expected.actual());
    }
    return text.toString();
  }

  /** Adds a line on registrations that were refused, if there were any. */
  static void addRefusals(TextLines text, Registrations registrations) {
    if (registrations.refusals() > 0) {
      text.add(
          "  registrations received status 503 %,d times, and were retried",
          registrations.refusals());
    }
  }

  /** Returns the outcomes of reads in one line. */
  static String reads(Reads reads) {
    return String.format(
        Locale.ROOT,
        "%,d due by %,d clients every %s s, statuses %s, failed %,d,"
            + " p50 %.1f  p99 %.1f  max %.1f ms",
        reads.due(),
        reads.clients(),
        reads.everySecs(),
        reads.statuses(),
        reads.failed(),
        reads.p50Ms(),
        reads.p99Ms(),
        reads.maxMs());
  }

  private static String generator(Generator generator) {
    return String.format(
        Locale.ROOT,
        "%.2f cores%s, own lag p99 %.1f ms, max %.1f ms, GC %d ms, heap %,d MB,"
            + " in-flight window full %.0f %%",
        generator.cores(),
        loops(generator.loops()),
        generator.lagP99Ms(),
        generator.lagMaxMs(),
        generator.gcMs(),
        generator.heapBytes() / BYTES_PER_MB,
        generator.windowFullShare() * PERCENT);
  }

  /** Returns the run share of each event loop, with its wait share where known. */
  private static String loops(List<Loop> loops) {
    return loops.isEmpty()
        ? ""
        : loops.stream().map(ReportText::loop).collect(Collectors.joining(", ", " (loops: ", ")"));
  }

  private static String loop(Loop loop) {
    Double waitedShare = loop.waitedShare();
    return String.format(
        Locale.ROOT,
        "ran %.0f %%%s",
        loop.ranShare() * PERCENT,
        waitedShare == null
            ? ""
            : String.format(Locale.ROOT, " waited %.0f %%", waitedShare * PERCENT));
  }

  /** Returns the comparison of the target's count with ours in one line. */
  public static String comparison(Comparison counts) {
    Long target = counts.server();
    if (target == null) {
      return String.format(
          Locale.ROOT,
          "we counted %,d renewals; the target's count is unknown: %s",
          counts.ours(),
          counts.unknownCause());
    }
    long more = target - counts.ours();
    return String.format(
        Locale.ROOT,
        "target counted %,d, we counted %,d: %s",
        target,
        counts.ours(),
        more == 0 ? "equal" : difference(more));
  }

  private static String difference(long more) {
    return String.format(
        Locale.ROOT, "the target counted %,d %s", Math.abs(more), more > 0 ? "more" : "fewer");
  }

  private static String cpu(Cost cost) {
    if (cost.ownCpuUs() == null) {
      return NO_RESPONSE;
    }
    return (cost.targetCpuUs() == null
            ? "target unknown (no --pid)"
            : us("target", cost.targetCpuUs()))
        + us(", load generator", cost.ownCpuUs());
  }

  private static String bytes(Cost cost) {
    return cost.bytesSent() == null
        ? NO_RESPONSE
        : String.format(
            Locale.ROOT, "sent %.1f, received %.1f", cost.bytesSent(), cost.bytesReceived());
  }

  private static String us(String process, @Nullable Double us) {
    return String.format(Locale.ROOT, "%s %.3f us", process, us);
  }

  private static String lowerBounds(Window window) {
    return window.withoutLatency() == 0
        ? ""
        : String.format(
            Locale.ROOT,
            "; %,d of %,d without a response, at their lower bound",
            window.withoutLatency(),
            window.due());
  }

  private static String percentiles(Percentiles ms) {
    return String.format(
        Locale.ROOT,
        "p50 %.3f  p90 %.3f  p99 %.3f  p99.9 %.3f  max %.3f ms",
        ms.p50Ms(),
        ms.p90Ms(),
        ms.p99Ms(),
        ms.p999Ms(),
        ms.maxMs());
  }
}
