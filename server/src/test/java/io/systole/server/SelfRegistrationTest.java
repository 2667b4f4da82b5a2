// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.time.ManualClock;
import org.junit.jupiter.api.Test;

class SelfRegistrationTest {
  private final ManualClock clock = new ManualClock();
  private final Registry registry = new Registry(
      new RegistrySettings(10, true, 180_000, 10_000, LeaseRules.STOCK, ByteBounds.NONE), clock);
  private final InstanceInfo self = Instances.up("EUREKA", "node-1", 1);
  private final SelfRegistration registration = new SelfRegistration(registry, clock, self);

  private void renew() {
    registration.renew(() -> RenewedSlots.NONE);
  }

  @Test
  void renew_notRegistered_registersForLongerThanTheInterval() {
    renew();

    assertThat(registry.leaseCount()).isEqualTo(1);
    InstanceInfo registered = requireNonNull(registry.find(self.key()));
    assertThat(registered.leaseInfo().durationSecs() * 1000L)
        .isGreaterThan(2 * SelfRegistration.INTERVAL_MS);
  }

  @Test
  void renew_registered_renews() {
    renew();

    renew();

    assertThat(registry.renewal().count()).isEqualTo(1);
  }

  /** Regression: a renewal after the cancel registered the stopping node again. */
  @Test
  void renew_afterCancel_doesNotRegister() {
    renew();
    registration.cancel();

    renew();

    assertThat(registry.leaseCount()).isZero();
  }
}
