// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.ObjectMapper;

final class JmhScoreTest {
  @Test
  void read_resultOfJmh_hasMethodParametersErrorAndAllocation() {
    List<JmhScore> scores = JmhScore.read(new ObjectMapper().readTree("""
            [{"benchmark": "io.systole.benchmarks.RenewBenchmark.systole",
              "params": {"leases": "10", "headers": "LEAN"},
              "primaryMetric": {"score": 36.2, "scoreError": 4.4, "scoreUnit": "ns/op"},
              "secondaryMetrics": {"gc.alloc.rate": {"score": 7},
                "gc.alloc.rate.norm": {"score": 0.003}}}]"""));

    assertThat(scores)
        .containsExactly(
            new JmhScore("systole", "leases=10, headers=LEAN", 36.2, 4.4, "ns/op", 0.003));
  }

  @Test
  void read_oneSample_errorIsUnknown() {
    List<JmhScore> scores = JmhScore.read(new ObjectMapper().readTree("""
            [{"benchmark": "a.B.c",
              "primaryMetric": {"score": 36.2, "scoreError": "NaN", "scoreUnit": "ns/op"},
              "secondaryMetrics": {}}]"""));

    assertThat(scores.get(0).text()).isEqualTo("not published (error unknown)");
  }

  @Test
  void text_errorOf20Percent_isPublished() {
    assertThat(score(648, 129.6, Double.NaN).text()).isEqualTo("648 ± 130");
  }

  /** A score of 4,005 ± 1,931 ns only shows that the measurement was disturbed. */
  @Test
  void text_errorOver20Percent_isNotPublished() {
    JmhScore uncertain = score(4_005, 1_931, Double.NaN);

    assertThat(uncertain.isNoisy()).isTrue();
    assertThat(uncertain.text()).isEqualTo("not published (± 48 %)");
  }

  @Test
  void text_profiled_containsAllocatedBytes() {
    assertThat(score(1_234.5, 20, 1_589.6).text()).isEqualTo("1,235 ± 20.0, 1,590 B");
  }

  private static JmhScore score(double score, double error, double allocatedBytes) {
    return new JmhScore("systole", "", score, error, "ns/op", allocatedBytes);
  }
}
