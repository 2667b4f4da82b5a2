// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.benchmarks.matrix.GeneratorResult.Latency;
import io.systole.benchmarks.matrix.MatrixReport.Sample;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;

final class MatrixTablesTest {
  private static final MatrixCell SATURATED = new MatrixCell(MatrixCell.Mode.SATURATED, 1_024, 16);
  private static final MatrixCell PACED = new MatrixCell(MatrixCell.Mode.PACED, 64, 30_000);

  private static Sample saturated(int round, String server, int leases, long cpuNs) {
    GeneratorResult result = new GeneratorResult(1_000, 0, 0, 0.5, cpuNs, null);
    return new Sample(round, SATURATED, server, leases, result);
  }

  private static Sample paced(int round, String server, int leases, long cpuNs, double p50Us) {
    Latency latency = new Latency(1, 2, 10 * p50Us, 100 * p50Us, p50Us, 4 * p50Us);
    GeneratorResult result = new GeneratorResult(30_000, 1, 0, 1, 1_000 * cpuNs, latency);
    return new Sample(round, PACED, server, leases, result);
  }

  private static final MatrixReport REPORT = new MatrixReport(
      List.of("-XX:+UseG1GC"),
      1,
      3,
      List.of("redis"),
      List.of(
          saturated(1, "responder", 0, 200_000),
          saturated(1, "constant", 0, 400_000),
          saturated(1, "systole", 10_000, 800_000),
          paced(1, "responder", 0, 300_000, 20),
          paced(1, "systole", 10_000, 600_000, 30),
          saturated(2, "responder", 0, 200_000),
          saturated(2, "constant", 0, 200_000),
          saturated(2, "systole", 10_000, 400_000),
          paced(2, "responder", 0, 300_000, 40),
          paced(2, "systole", 10_000, 300_000, 40)));

  @Test
  void markdown_saturated_hasMedianRangeAndRatiosOfRounds() {
    assertThat(MatrixTables.markdown(REPORT)).contains("""
            | connections | in flight | server | leases | CPU, µs per heartbeat | ÷ responder \
            | ÷ constant | heartbeats/s |
            |---|---|---|---|---|---|---|---|
            | 1,024 | 16 | responder |  | 0.20 (0.20–0.20) | 1.00 (1.00–1.00) \
            | 0.75 (0.50–1.00) | 2,000 |
            | 1,024 | 16 | constant |  | 0.30 (0.20–0.40) | 1.50 (1.00–2.00) \
            | 1.00 (1.00–1.00) | 2,000 |
            | 1,024 | 16 | systole | 10,000 | 0.60 (0.40–0.80) | 3.00 (2.00–4.00) \
            | 2.00 (2.00–2.00) | 2,000 |

            """);
  }

  @Test
  void markdown_pacedWithoutTheConstantServer_hasNoRatioToIt() {
    assertThat(MatrixTables.markdown(REPORT))
        .contains("| 64 | 30,000 | systole | 10,000 | 15.00 (10.00–20.00) | 1.50 (1.00–2.00) |  |"
            + " 30,000 |");
  }

  @Test
  void markdown_paced_hasLatenciesAndTheirRatios() {
    assertThat(MatrixTables.markdown(REPORT))
        .contains("| 64 | 30,000 | systole | 10,000 | 35 (30–40) | 140 (120–160) | 350 (300–400) |"
            + " 4,000 | 1.25 (1.00–1.50) | 1.25 (1.00–1.50) |");
  }

  @Test
  void markdown_report_endsWithConditionsAndBadResponses() {
    assertThat(MatrixTables.markdown(REPORT))
        .endsWith("Event loops: 1; 3 s a sample; responses other than 200, or missing: 4."
            + " Not installed: redis.\n");
  }

  @Test
  void markdown_rawResults_areThoseOfTheReport() {
    ObjectMapper json = new ObjectMapper();

    assertThat(MatrixTables.markdown(json.valueToTree(REPORT)))
        .isEqualTo(MatrixTables.markdown(REPORT));
  }
}
