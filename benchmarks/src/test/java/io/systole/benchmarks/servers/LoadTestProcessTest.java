// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

final class LoadTestProcessTest {
  private static final String REPORT = """
      {"window":{"due":1000,"renewals":990,"renewalsPerSec":99.5,
        "fromDue":{"p50Ms":1.0,"p90Ms":2.0,"p99Ms":3.0,"p999Ms":4.0,"maxMs":5.0},
        "fromSent":{"p50Ms":0.5,"p90Ms":1.0,"p99Ms":1.5,"p999Ms":2.0,"maxMs":2.5}},
       "cost":{"targetCpuUs":6.25},"passed":false,"outcome":"10 beats were not answered"}
      """;

  @Test
  void read_someHeartbeatsNotRenewed_returnsTheirNumber() throws IOException {
    LoadTestProcess.Result result = LoadTestProcess.read(new ObjectMapper().readTree(REPORT));

    assertThat(result)
        .isEqualTo(new LoadTestProcess.Result(
            99.5, 1, 3, 4, 5, 1.5, 10, 6.25, "10 beats were not answered"));
  }

  @Test
  void invalidReason_generatorFellBehind_isItsReason() {
    JsonNode report = new ObjectMapper()
        .readTree("{\"generator\":{\"isValid\":false,\"reason\":\"its own lag was 20 ms\"}}");

    assertThat(LoadTestProcess.invalidReason(report)).isEqualTo("its own lag was 20 ms");
    assertThat(LoadTestProcess.invalidReason(new ObjectMapper().readTree("{}"))).isEmpty();
  }

  @Test
  void read_latenciesMissing_throwsIOException() {
    assertThatThrownBy(() -> LoadTestProcess.read(new ObjectMapper().readTree("{\"window\":{}}")))
        .hasMessageContaining("from due");
  }
}
