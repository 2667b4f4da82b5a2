// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class NestedMapRegistryTest {
  private static final long DAY_MS = 86_400_000;

  private final NestedMapRegistry registry = new NestedMapRegistry();

  @Test
  void renew_newerDirtyTimestamp_returnsFalseAndCounts() {
    registry.register("demo", "h1", 5);

    boolean isKnown = registry.renew("DEMO", "h1", 6L);

    assertThat(isKnown).isFalse();
    assertThat(registry.renewals()).isEqualTo(1);
  }

  @Test
  void evictExpired_beforeDeadline_keepsLease() {
    registry.register("demo", "h1", 5);

    registry.evictExpired(System.currentTimeMillis());

    assertThat(registry.renew("DEMO", "h1", null)).isTrue();
  }

  @Test
  void evictExpired_afterDeadline_removesLease() {
    registry.register("demo", "h1", 5);

    registry.evictExpired(System.currentTimeMillis() + DAY_MS);

    assertThat(registry.renew("DEMO", "h1", null)).isFalse();
  }
}
