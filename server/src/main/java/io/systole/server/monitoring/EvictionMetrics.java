// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.RenewalDelays.RenewalDelaySummary;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/** Publishes metrics of evictions, self-preservation and renewal delays. */
final class EvictionMetrics implements MeterBinder {
  private final Evictor evictor;

  EvictionMetrics(Evictor evictor) {
    this.evictor = evictor;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    Gauge.builder(
            "systole.renewals.expected", evictor, e -> e.selfPreservation().renewalsExpected())
        .description("Renewals expected in a minute")
        .register(meters);
    Gauge.builder(
            "systole.renewals.threshold", evictor, e -> e.selfPreservation().threshold())
        .description("Renewals in a minute that must be exceeded for evictions")
        .register(meters);
    Gauge.builder("systole.clients.expected", evictor, e -> e.selfPreservation().clientsExpected())
        .description("Clients expected to renew")
        .register(meters);
    Gauge.builder("systole.self.preservation.active", evictor, e -> {
          return e.selfPreservation().isActive() ? 1 : 0;
        })
        .description("1 while evictions are suspended because too few renewals arrive")
        .register(meters);
    for (ProtectionRule rule : ProtectionRule.values()) {
      Gauge.builder("systole.eviction.protected", evictor, e -> e.lastRun().protectedBy(rule))
          .tag("rule", rule.name().toLowerCase(Locale.ROOT))
          .description(
              "Expired leases that the last run did not evict, by the rule that protects them")
          .register(meters);
    }
    delay(meters, "0.5", RenewalDelaySummary::medianMs);
    delay(meters, "0.9", RenewalDelaySummary::p90Ms);
    delay(meters, "0.99", RenewalDelaySummary::p99Ms);
    delay(meters, "1", RenewalDelaySummary::maxMs);
  }

  private void delay(
      MeterRegistry meters, String quantile, ToDoubleFunction<RenewalDelaySummary> value) {
    TimeGauge.builder(
            "systole.renewals.delay",
            evictor,
            TimeUnit.MILLISECONDS,
            e -> value.applyAsDouble(e.renewalDelays().overall()))
        .tag("quantile", quantile)
        .description("Delays of a sample of the renewals of the last minutes")
        .register(meters);
  }
}
