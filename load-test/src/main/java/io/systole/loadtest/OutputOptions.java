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
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

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

  /**
   * Rejects files that cannot be written, before a load runs for them.
   *
   * @throws ParameterException naming the file and the reason
   */
  void requireWritable(CommandSpec command) {
    List<Path> files = Stream.of(json.file(), html, junit, hdr)
        .flatMap(Stream::ofNullable)
        .map(file -> file.toAbsolutePath().normalize())
        .toList();
    files.forEach(file -> requireWritable(command, file));
    for (Path file : files) {
      if ((Files.isRegularFile(file) || !Files.exists(file))
          && Collections.frequency(files, file) > 1) {
        throw new ParameterException(command.commandLine(), file + " is given for two reports");
      }
    }
  }

  /** Rejects one file; does nothing if it is null. */
  static void requireWritable(CommandSpec command, @Nullable Path file) {
    String reason = file == null ? "" : reasonNotWritable(file.toAbsolutePath());
    if (!reason.isEmpty()) {
      throw new ParameterException(command.commandLine(), "cannot write " + file + ": " + reason);
    }
  }

  private static String reasonNotWritable(Path file) {
    if (Files.isDirectory(file)) {
      return "it is a directory";
    }
    Path folder = file.getParent();
    if (Files.exists(file) || folder == null) {
      return Files.isWritable(file) ? "" : "no permission";
    }
    if (!Files.isDirectory(folder)) {
      return "there is no directory " + folder;
    }
    return Files.isWritable(folder) ? "" : "no permission for its directory";
  }

  /**
   * Writes one run to the requested files, and prints their names. A file that cannot be written
   * does not prevent the others.
   */
  void write(Report report, PrintWriter out) throws LoadTestException {
    var failures = new ArrayList<String>();
    write(json.file(), () -> ReportJson.of(report), out, failures);
    write(html, () -> HtmlPage.of(List.of(Series.of(report))), out, failures);
    write(junit, () -> JunitXml.of(List.of(report)), out, failures);
    write(hdr, () -> HistogramLog.of(List.of(report)), out, failures);
    requireNone(failures);
  }

  /**
   * Writes the rounds of a comparison to the requested files, and prints their names. A file that
   * cannot be written does not prevent the others.
   */
  void write(ComparisonReport rounds, PrintWriter out) throws LoadTestException {
    var failures = new ArrayList<String>();
    write(json.file(), () -> ReportJson.of(rounds), out, failures);
    // Without a complete round there is nothing to plot.
    if (!rounds.a().isEmpty()) {
      write(html, () -> HtmlPage.of(Series.of(rounds)), out, failures);
    }
    List<Report> reports = new ArrayList<>(rounds.a());
    reports.addAll(rounds.b());
    write(junit, () -> JunitXml.of(reports), out, failures);
    write(hdr, () -> HistogramLog.of(rounds), out, failures);
    requireNone(failures);
  }

  private static void write(
      @Nullable Path file, Supplier<String> text, PrintWriter out, List<String> failures) {
    if (file == null) {
      return;
    }
    try {
      write(file, text.get(), out);
    } catch (LoadTestException e) {
      failures.add(String.valueOf(e.getMessage()));
    }
  }

  private static void requireNone(List<String> failures) throws LoadTestException {
    if (!failures.isEmpty()) {
      throw new LoadTestException(String.join("; ", failures));
    }
  }

  /**
   * Writes {@code text} to {@code file} and prints the file's name; does nothing if the file is
   * null. Deletes a file that could not be written completely.
   */
  static void write(@Nullable Path file, String text, PrintWriter out) throws LoadTestException {
    if (file == null) {
      return;
    }
    boolean isOpen = false;
    try (OutputStream opened = Files.newOutputStream(file)) {
      isOpen = true;
      opened.write(text.getBytes(UTF_8));
    } catch (IOException e) {
      if (isOpen) {
        deletePartial(file);
      }
      throw new LoadTestException("cannot write " + file + ": " + e);
    }
    out.println("wrote " + file.toAbsolutePath());
  }

  private static void deletePartial(Path file) {
    try {
      if (Files.isRegularFile(file)) {
        Files.delete(file);
      }
    } catch (IOException e) {
      // The failed write is reported in any case.
    }
  }
}
