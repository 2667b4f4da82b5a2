// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Connections;
import io.systole.loadtest.report.Report.Cost;
import io.systole.loadtest.report.Report.Generator;
import io.systole.loadtest.report.Report.Part;
import io.systole.loadtest.report.Report.Percentiles;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportConditions;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.report.Report.Window;
import io.systole.loadtest.report.ReportJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

class ReportFileTest {
  private static final Percentiles PERCENTILES = new Percentiles(1, 2, 3, 4, 5);

  /** A report without any optional figure. */
  private static final Report REPORT = new Report(
      "run",
      new ReportConditions(
          "run", "http://a", 1, 1, 1, 1, 1, 1, 1, 1, "even", "then", "1", "nio", "17", "os", 1),
      new Registrations(1, 1, 1, 0, 0),
      new Window(1, 1, 1, 1, 1, Map.of("200", 1L), Map.of(), 0, PERCENTILES, PERCENTILES, 0),
      new Cost(null, 1.0, 1.0, 1.0),
      new Generator(1, 1, 1, 1, 1, 0, List.of(), true, ""),
      new Connections(1, 1, 0),
      null,
      null,
      new Part(0, "then", "", "", ""),
      List.of(
          new Sample(1, 1, 1, 1, 0, 0, 0, 0, null, null, null, null, null, null, null, null, 1, 1)),
      List.of(),
      List.of(),
      List.of(),
      true,
      "good");

  @TempDir
  Path folder;

  private Path written(String json) throws IOException {
    return Files.writeString(folder.resolve("a.json"), json);
  }

  @Test
  void read_whatWasWritten_isTheSame() throws IOException {
    assertThat(ReportFile.read(written(ReportJson.of(REPORT)))).containsExactly(Series.of(REPORT));
  }

  @ParameterizedTest
  @CsvSource({
    "'', timeline",
    "'', percentiles",
    "'', outcome",
    "/window, fromDue",
    "/timeline/0, waiting",
    "/generator, reason",
    "/conditions, cores"
  })
  void read_memberMissing_namesTheFileAndTheMember(String parent, String member)
      throws IOException {
    ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(ReportJson.of(REPORT));
    ((ObjectNode) json.at(parent)).remove(member);
    Path file = written(json.toString());

    assertThatThrownBy(() -> ReportFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " is not a report of this version of the load test")
        .hasMessageContaining("'" + member + "'");
  }

  @ParameterizedTest
  @CsvSource({"'', events", "'', outcome", "/window, statuses", "/conditions, target"})
  void read_nullWhereAReportHasNone_namesTheFileAndTheMember(String parent, String member)
      throws IOException {
    ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(ReportJson.of(REPORT));
    ((ObjectNode) json.at(parent)).putNull(member);
    Path file = written(json.toString());

    assertThatThrownBy(() -> ReportFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(member);
  }

  @ParameterizedTest
  @CsvSource({"''", "[]", "{", "no json at all", "null", "3"})
  void read_somethingElse_namesTheFile(String text) throws IOException {
    Path file = written(text);

    assertThatThrownBy(() -> ReportFile.read(file))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(file + " is not a report");
  }

  @Test
  void read_comparison_isBothSeriesWithTheirRounds() throws IOException {
    ComparisonReport rounds =
        new ComparisonReport(List.of(REPORT, REPORT), List.of(REPORT, REPORT));

    assertThat(ReportFile.read(written(ReportJson.of(rounds))))
        .containsExactly(new Series("A: run", rounds.a()), new Series("B: run", rounds.b()));
  }

  @Test
  void read_comparisonThatEndedBeforeARound_namesTheFile() throws IOException {
    Path file = written(ReportJson.of(new ComparisonReport(List.of(), List.of())));

    assertThatThrownBy(() -> ReportFile.read(file))
        .hasMessage(file + " is not a report: no round of A");
  }

  @Test
  void read_directory_namesIt() {
    assertThatThrownBy(() -> ReportFile.read(folder))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("cannot read " + folder);
  }

  @Test
  void read_noSuchFile_fails() {
    Path file = folder.resolve("nowhere.json");

    assertThatThrownBy(() -> ReportFile.read(file)).hasMessage("no such file: " + file);
  }
}
