// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class ServerCounterTest {
  @Test
  void countIn_renewalsAmongOthers_isTheRenewedOnesAlone() {
    String text = """
        # HELP systole_registry_renewals_total
        # TYPE systole_registry_renewals_total counter
        systole_registry_renewals_total{outcome="renewed"} 1.1779346E7
        systole_registry_renewals_total{outcome="unknown_instance"} 5.0
        systole_registry_leases 10000.0
        """;

    assertThat(ServerCounter.countIn(text)).isEqualTo(OptionalLong.of(11_779_346));
  }

  @Test
  void countIn_moreLabelsAndATimestamp_isStillRead() {
    String text =
        "systole_registry_renewals_total{node=\"a b\",outcome=\"renewed\"} 12.0 1795206403";

    assertThat(ServerCounter.countIn(text)).isEqualTo(OptionalLong.of(12));
  }

  @Test
  void countIn_anotherServersMetrics_isEmpty() {
    assertThat(ServerCounter.countIn("eureka_server_instances 3.0\n")).isEmpty();
  }
}
