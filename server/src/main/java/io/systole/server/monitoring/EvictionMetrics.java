// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.eviction.SelfPreservation;
import io.systole.server.eviction.SelfPreservation.Basis;
import io.systole.server.registry.RenewalRate;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Publishes evictions and self-preservation. */
public final class EvictionMetrics implements MeterBinder {
  private final RenewalRate rate;
  private final Evictor evictor;
  private final ExpiredLeaseCount expired;

  public EvictionMetrics(RenewalRate rate, Evictor evictor, ExpiredLeaseCount expired) {
    this.rate = rate;
    this.evictor = evictor;
    this.expired = expired;
  }

  @Override
  public void bindTo(MeterRegistry meters) {
    bindSelfPreservation(meters);
    gauge(
        meters,
        "systole.eviction.expired",
        "Expired leases, evicted by the next run unless protected",
        expired::last);
    for (ProtectionRule rule : ProtectionRule.values()) {
      Gauge.builder("systole.eviction.protected", evictor, e -> e.lastRun().protectedBy(rule))
          .tag("rule", rule.name().toLowerCase(Locale.ROOT))
          .description(
              "Expired leases that the last run did not evict, by the rule that protects them")
          .register(meters);
    }
  }

  private void bindSelfPreservation(MeterRegistry meters) {
    gauge(
        meters,
        "systole.eviction.renewals",
        "Renewals in the last full minute, NaN during the first",
        () -> rate.minutes() > 0 ? rate.lastMinute() : Double.NaN);
    gauge(
        meters,
        "systole.eviction.renewals.expected",
        "Renewals expected in a minute, NaN until there were leases for a whole minute",
        () -> ifComparable(SelfPreservation::renewalsExpected));
    gauge(
        meters,
        "systole.eviction.renewals.threshold",
        "Renewals in a minute that must be exceeded for evictions, NaN like those expected",
        () -> ifComparable(SelfPreservation::threshold));
    gauge(
        meters,
        "systole.eviction.clients.expected",
        "Clients expected to renew, NaN like the renewals expected",
        () -> ifComparable(SelfPreservation::clientsExpected));
    gauge(
        meters,
        "systole.eviction.self.preservation.active",
        "1 while evictions are suspended because too few renewals arrive",
        () -> evictor.selfPreservation().isActive() ? 1 : 0);
  }

  /** Returns NaN while no number of renewals could have arrived, so that no alert compares it. */
  private double ifComparable(ToDoubleFunction<SelfPreservation> value) {
    SelfPreservation state = evictor.selfPreservation();
    return state.basis() == Basis.WHOLE_MINUTE ? value.applyAsDouble(state) : Double.NaN;
  }

  private static void gauge(
      MeterRegistry meters, String name, String what, Supplier<Number> value) {
    Gauge.builder(name, value).description(what).register(meters);
  }
}
