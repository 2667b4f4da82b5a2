// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class LoadRunTest {
  private static final String REPORT = """
      {"window":{"renewals":700,"renewalsPerSec":70.5,"statuses":{"200":700},"failures":{}},
       "cost":{"targetCpuUs":6.25,"ownCpuUs":1.0},
       "passed":true,"outcome":"PASSED"}
      """;

  @Test
  void read_onlyRenewals_returnsFigures() throws IOException {
    LoadRun.Sample sample = LoadRun.read(REPORT);

    assertThat(sample).isEqualTo(new LoadRun.Sample(6.25, 70.5));
  }

  @Test
  void read_otherStatus_throwsIOException() {
    String report = REPORT.replace("\"200\":700", "\"200\":699,\"404\":1");

    assertThatThrownBy(() -> LoadRun.read(report)).hasMessageContaining("not every response");
  }

  @Test
  void read_failures_throwsIOException() {
    String report = REPORT.replace("\"failures\":{}", "\"failures\":{\"TIMEOUT\":1}");

    assertThatThrownBy(() -> LoadRun.read(report)).hasMessageContaining("not every response");
  }

  @Test
  void read_failedRun_throwsIOException() {
    String report = REPORT.replace("true,\"outcome\":\"PASSED\"", "false,\"outcome\":\"late\"");

    assertThatThrownBy(() -> LoadRun.read(report)).hasMessage("not every response was a 200: late");
  }

  @Test
  void read_cpuTimeMissing_throwsIOException() {
    String report = REPORT.replace("6.25", "null");

    assertThatThrownBy(() -> LoadRun.read(report)).hasMessageContaining("CPU time");
  }
}
