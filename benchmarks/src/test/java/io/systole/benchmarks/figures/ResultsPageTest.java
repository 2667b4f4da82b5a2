// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ResultsPageTest {
  private static final String CONDITIONS = """
      {"command": "benchmarks/bin/benchmarks figures --only NAME", "arguments": [],
       "commit": "12a05f1", "jdk": "25.0.3", "cpu": "Some CPU", "cores": 2,
       "startedAt": "2026-11-21T10:00:00Z"}""";

  @TempDir
  private Path results;

  /** The committed tables match the committed raw results. */
  @Test
  void filled_committedPage_isUnchanged() throws IOException {
    String page = Files.readString(Path.of("RESULTS.md"));

    assertThat(new ResultsPage(Path.of("results")).filled(page)).isEqualTo(page);
  }

  @Test
  void filled_rawResults_replaceTheTableBetweenItsComments() throws IOException {
    Files.writeString(results.resolve("renew.json"), """
        [{"benchmark": "a.RenewBenchmark.systole", "params": {"leases": "10"},
          "jvmArgs": ["-Xms6g", "-XX:+AlwaysPreTouch"], "secondaryMetrics": {},
          "primaryMetric": {"score": 36.2, "scoreError": 4.4, "scoreUnit": "ns/op"}},
         {"benchmark": "a.RenewBenchmark.systole", "params": {"leases": "1000"},
          "jvmArgs": ["-Xms6g", "-XX:+AlwaysPreTouch"], "secondaryMetrics": {},
          "primaryMetric": {"score": 104, "scoreError": 4, "scoreUnit": "ns/op"}},
         {"benchmark": "a.RenewBenchmark.netflix", "params": {"leases": "10"},
          "jvmArgs": ["-Xms6g", "-XX:+AlwaysPreTouch"], "secondaryMetrics": {},
          "primaryMetric": {"score": 122, "scoreError": 8, "scoreUnit": "ns/op"}}]""");
    Files.writeString(
        results.resolve("renew.conditions.json"), CONDITIONS.replace("NAME", "renew"));

    String page = new ResultsPage(results).filled(emptyPage());

    assertThat(page).contains("""
            <!-- figures renew -->

            | ns/op | leases=10 | leases=1000 |
            |---|---|---|
            | systole | 36.2 ± 4.40 | 104 ± 4.00 |
            | netflix | 122 ± 8.00 |  |

            *`benchmarks/bin/benchmarks figures --only renew`, commit 12a05f1, 25.0.3, \
            `-Xms6g` `-XX:+AlwaysPreTouch`, 2 cores of Some CPU, 2026-11-21T10:00:00Z. \
            Score ± error at 99.9 %; raw: [renew.json](results/renew.json).*

            <!-- end renew -->
            """);
    assertThat(new ResultsPage(results).filled(page)).isEqualTo(page);
  }

  @Test
  void filled_rawResultsOfServers_containsMedianRangeAndRatio() throws IOException {
    Files.writeString(results.resolve("live.json"), """
        {"jvmOptions": ["-Xms1g"], "samples": [
          {"round": 1, "server": "systole", "inFlight": 64, "cpuUs": 0.5, "renewalsPerSec": 2},
          {"round": 1, "server": "constant", "inFlight": 64, "cpuUs": 0.25, "renewalsPerSec": 3},
          {"round": 2, "server": "systole", "inFlight": 64, "cpuUs": 1.5, "renewalsPerSec": 2},
          {"round": 2, "server": "constant", "inFlight": 64, "cpuUs": 0.75, "renewalsPerSec": 3}
        ]}""");
    Files.writeString(results.resolve("live.conditions.json"), CONDITIONS.replace("NAME", "live"));

    String page = new ResultsPage(results).filled(emptyPage());

    assertThat(page)
        .contains("| 64 | 1.00 (0.50–1.50) | 0.50 (0.25–0.75) | 0.50 (0.50–0.50) |", "`-Xms1g`");
  }

  @Test
  void filled_noRawResults_namesTheCommand() throws IOException {
    assertThat(new ResultsPage(results).filled(emptyPage()))
        .contains("`benchmarks/bin/benchmarks figures --only renew-threads`");
  }

  @Test
  void filled_pageWithoutComments_throwsIOException() {
    assertThatThrownBy(() -> new ResultsPage(results).filled("# Figures\n"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("<!-- figures heads -->");
  }

  private static String emptyPage() {
    return Arrays.stream(FigureSet.values())
        .map(set -> "<!-- figures %1$s -->\n<!-- end %1$s -->\n".formatted(set.label()))
        .collect(Collectors.joining());
  }
}
