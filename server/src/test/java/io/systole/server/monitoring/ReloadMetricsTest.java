// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.systole.client.net.ReloadCounts;
import io.systole.server.monitoring.ReloadMetrics.Reloads;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReloadMetricsTest {
  @Test
  void add_severalFilesOfAKind_areSummed() {
    PrometheusMeterRegistry meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    ReloadCounts main = new ReloadCounts();
    ReloadCounts management = new ReloadCounts();
    ReloadMetrics metrics = new ReloadMetrics(meters);
    metrics.add("certificates", List.of(reloads(main), reloads(management)));
    metrics.add("credentials", List.of());

    main.countApplied();
    management.countApplied();
    management.countFailed();

    assertThat(meters.scrape().lines())
        .contains(
            "systole_config_reloads_total{file=\"certificates\",outcome=\"applied\"} 2.0",
            "systole_config_reloads_total{file=\"certificates\",outcome=\"failed\"} 1.0",
            "systole_config_reloads_total{file=\"credentials\",outcome=\"failed\"} 0.0",
            "systole_config_last_reload_successful{file=\"certificates\"} 0.0",
            "systole_config_last_reload_successful{file=\"credentials\"} 1.0");
  }

  private static Reloads reloads(ReloadCounts counts) {
    return new Reloads(counts::applied, counts::failed, counts::isLastApplied);
  }
}
