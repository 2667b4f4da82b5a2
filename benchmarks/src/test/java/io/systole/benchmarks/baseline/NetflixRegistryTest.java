// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NetflixRegistryTest {
  @Test
  void renew_registered_extendsLease() {
    NetflixRegistry registry = NetflixRegistry.create();
    registry.register("DEMO", "h1", 1_700_000_000_000L);

    boolean renewed = registry.renew("DEMO", "h1", false);

    assertThat(renewed).isTrue();
    assertThat(registry.getInstanceByAppAndId("DEMO", "h1").getLeaseInfo().getRenewalTimestamp())
        .as("a renewal adds the duration to the current time")
        .isGreaterThan(System.currentTimeMillis() + 60_000);
  }

  @Test
  void renew_neverRegistered_returnsFalse() {
    NetflixRegistry registry = NetflixRegistry.create();
    registry.register("DEMO", "h1", 1_700_000_000_000L);

    boolean renewed = registry.renew("DEMO", "h2", false);

    assertThat(renewed).isFalse();
  }
}
