// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.ServerConfig;
import io.systole.server.eviction.Evictor;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewalRate;
import io.systole.server.time.ManualClock;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class EvictionMetricsTest {
  private static final List<String> NAN_AT_FIRST = List.of(
      "systole.eviction.renewals.expected",
      "systole.eviction.renewals.threshold",
      "systole.eviction.clients.expected");

  private final ManualClock clock = new ManualClock();
  private final ServerConfig config = ConfigParser.read(Map.of(), Map.of());
  private final Registry registry = new Registry(config.registry(), clock);
  private final RenewalRate rate = new RenewalRate(registry.renewal()::count);
  private final Evictor evictor = new Evictor(registry, rate, clock, config.eviction());
  private final ExpiredLeaseCount expired = new ExpiredLeaseCount(registry.expiry());
  private final MeterRegistry meters = new SimpleMeterRegistry();

  EvictionMetricsTest() {
    new EvictionMetrics(rate, evictor, expired).bindTo(meters);
  }

  private double value(String name) {
    return meters.get(name).gauge().value();
  }

  private void register(int count) {
    for (int i = 0; i < count; i++) {
      registry.register(Instances.up("A", "i-" + i, 90), Origin.CLIENT);
    }
  }

  /** A new fleet has had no time to renew: an alert would fire at every start. */
  @Test
  void selfPreservation_firstMinute_isUnknown() {
    register(100);

    assertThat(evictor.selfPreservation().mayEvict()).isFalse();
    assertThat(NAN_AT_FIRST).allSatisfy(name -> assertThat(value(name)).isNaN());
    assertThat(value("systole.eviction.renewals")).isNaN();
    assertThat(value("systole.eviction.self.preservation.active")).isZero();
  }

  @Test
  void selfPreservation_noLeases_isUnknown() {
    evictor.tick();
    rate.endMinute();

    assertThat(evictor.selfPreservation().mayEvict()).isFalse();
    assertThat(NAN_AT_FIRST).allSatisfy(name -> assertThat(value(name)).isNaN());
    assertThat(value("systole.eviction.renewals")).isZero();
    assertThat(value("systole.eviction.self.preservation.active")).isZero();
  }

  @Test
  void selfPreservation_tooFewRenewalsInAFullMinute_isActive() {
    register(100);
    rate.endMinute();

    assertThat(NAN_AT_FIRST).allSatisfy(name -> assertThat(value(name)).isPositive());
    assertThat(value("systole.eviction.self.preservation.active")).isEqualTo(1);
  }

  /** Counted by the timer, as a count visits every expired lease. */
  @Test
  void expired_afterACount_isTheNumberOfExpiredLeases() {
    register(3);
    clock.advanceMs(90_001);
    assertThat(value("systole.eviction.expired")).isZero();

    expired.run();

    assertThat(value("systole.eviction.expired")).isEqualTo(3);
  }
}
