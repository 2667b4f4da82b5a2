// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class MetricsPageTest {
  private static final MetricsPage PAGE = new MetricsPage("""
      # HELP systole_peer_due Leases with a renewal or a difference to send
      # TYPE systole_peer_due gauge
      systole_peer_due{peer="127.0.0.1:1"} 3.0
      systole_peer_due{peer="127.0.0.1:2"} 1.5E3
      systole_registry_leases 7.0
      systole_peer_up{peer="127.0.0.1:1"} 1.0
      systole_peer_up{peer="127.0.0.1:2"} NaN
      """);

  @Test
  void sum_metricWithLabels_addsAllOfThem() throws IOException {
    assertThat(PAGE.sum("systole_peer_due")).isEqualTo(1503);
    assertThat(PAGE.sum("systole_registry_leases")).isEqualTo(7);
  }

  /** A link to the node itself is neither up nor down. */
  @Test
  void sum_valueNotANumber_isLeftOut() throws IOException {
    assertThat(PAGE.sum("systole_peer_up")).isEqualTo(1);
  }

  @Test
  void sum_unknownMetric_throwsIOException() {
    assertThatThrownBy(() -> PAGE.sum("systole_peer"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("systole_peer");
  }

  @Test
  void values_prefix_areByNameAndLabels() {
    assertThat(PAGE.values("systole_peer_"))
        .containsOnlyKeys(
            "systole_peer_due{peer=\"127.0.0.1:1\"}",
            "systole_peer_due{peer=\"127.0.0.1:2\"}",
            "systole_peer_up{peer=\"127.0.0.1:1\"}")
        .containsEntry("systole_peer_due{peer=\"127.0.0.1:2\"}", 1500.0);
  }
}
