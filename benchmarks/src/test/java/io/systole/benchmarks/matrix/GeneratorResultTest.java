// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.matrix;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.benchmarks.matrix.GeneratorResult.Latency;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class GeneratorResultTest {
  @Test
  void parse_saturated_hasNoLatency() throws IOException {
    GeneratorResult result = GeneratorResult.parse(
        "{\"ok\":3000,\"bad\":1,\"unsent\":0,\"seconds\":1.500,\"cpuNs\":6000000}\n");

    assertThat(result).isEqualTo(new GeneratorResult(3_000, 1, 0, 1.5, 6_000_000, null));
    assertThat(result.cpuUsPerResponse()).isEqualTo(2);
    assertThat(result.responsesPerSec()).isEqualTo(2_000);
  }

  @Test
  void parse_paced_hasAllLatencies() throws IOException {
    GeneratorResult result = GeneratorResult.parse("""
        {"ok":10,"bad":0,"unsent":2,"seconds":1.000,"cpuNs":1,"latency":{"p50Us":1.5,
        "p99Us":2.5,"p999Us":3.5,"maxUs":4.5,"windowP50Us":5.5,"windowP99Us":6.5}}""");

    assertThat(result.unsent()).isEqualTo(2);
    assertThat(result.latency()).isEqualTo(new Latency(1.5, 2.5, 3.5, 4.5, 5.5, 6.5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{\"ok\":", "{\"ok\":1}", "[]"})
  void parse_otherOutput_throwsIOException(String line) {
    assertThatThrownBy(() -> GeneratorResult.parse(line))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(line);
  }
}
