// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class RenewalRateTest {
  private final AtomicLong renewals = new AtomicLong(100);
  private final RenewalRate rate = new RenewalRate(renewals::get);

  @Test
  void lastMinute_duringTheFirst_isZero() {
    renewals.addAndGet(5);

    assertThat(rate.lastMinute()).isZero();
  }

  @Test
  void lastMinute_afterTheMinute_isItsRenewals() {
    renewals.addAndGet(5);
    rate.endMinute();
    renewals.addAndGet(7);

    assertThat(rate.lastMinute()).isEqualTo(5);

    rate.endMinute();
    assertThat(rate.lastMinute()).isEqualTo(7);
  }

  @Test
  void lastMinute_counterDecreases_isNeverNegativeAndCountsNoRenewalTwice() {
    renewals.addAndGet(5);
    rate.endMinute();
    renewals.addAndGet(-2);

    rate.endMinute();

    assertThat(rate.lastMinute()).isZero();

    renewals.addAndGet(9);
    rate.endMinute();
    assertThat(rate.lastMinute()).isEqualTo(7);
  }
}
