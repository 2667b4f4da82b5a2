// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.HistogramLog;
import io.systole.loadtest.report.JunitXml;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.report.html.HtmlPage;
import io.systole.loadtest.report.html.Series;
import io.systole.loadtest.runner.LoadTestException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The files that a report is written to. */
final class OutputOptions {
  @Mixin
  private final JsonOption json = new JsonOption();

  @Option(
      names = "--report",
      paramLabel = "FILE.html",
      description = "Also write a self-contained HTML page with plots.")
  private @Nullable Path html;

  @Option(
      names = "--junit",
      paramLabel = "FILE.xml",
      description = "Also write the outcome and the expectations as JUnit XML, for CI.")
  private @Nullable Path junit;

  @Option(
      names = "--hdr",
      paramLabel = "FILE.hlog",
      description = "Also write the latencies from the due time as an HdrHistogram log.")
  private @Nullable Path hdr;

  @Option(
      names = "--label",
      paramLabel = "TEXT",
      description = "Prefix of the run's name in every report.")
  private @Nullable String label;

  /** Returns the report with the label as a prefix of its name. */
  Report labelled(Report report) {
    return label == null ? report : report.named(label + ": " + report.name());
  }

  ComparisonReport labelled(ComparisonReport rounds) {
    return new ComparisonReport(
        rounds.a().stream().map(this::labelled).toList(),
        rounds.b().stream().map(this::labelled).toList());
  }

  /** Writes one run to the requested files, and prints their names. */
  void write(Report report, PrintWriter out) throws LoadTestException {
    write(json.file(), ReportJson.of(report), out);
    if (html != null) {
      write(html, HtmlPage.of(List.of(Series.of(report))), out);
    }
    if (junit != null) {
      write(junit, JunitXml.of(List.of(report)), out);
    }
    if (hdr != null) {
      write(hdr, HistogramLog.of(List.of(report)), out);
    }
  }

  /** Writes the rounds of a comparison to the requested files, and prints their names. */
  void write(ComparisonReport rounds, PrintWriter out) throws LoadTestException {
    write(json.file(), ReportJson.of(rounds), out);
    // Without a complete round there is nothing to plot.
    if (html != null && !rounds.a().isEmpty()) {
      write(html, HtmlPage.of(Series.of(rounds)), out);
    }
    if (junit != null) {
      List<Report> reports = new ArrayList<>(rounds.a());
      reports.addAll(rounds.b());
      write(junit, JunitXml.of(reports), out);
    }
    if (hdr != null) {
      write(hdr, HistogramLog.of(rounds), out);
    }
  }

  /**
   * Writes {@code text} to {@code file} and prints the file's name; does nothing if the file is
   * null.
   */
  static void write(@Nullable Path file, String text, PrintWriter out) throws LoadTestException {
    if (file == null) {
      return;
    }
    try {
      Files.write(file, text.getBytes(UTF_8));
      out.println("wrote " + file.toAbsolutePath());
    } catch (IOException e) {
      throw new LoadTestException("cannot write " + file + ": " + e);
    }
  }
}
