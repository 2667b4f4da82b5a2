// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.OverflowingClock;
import org.junit.jupiter.api.Test;

class MassLossGuardTest {
  private final OverflowingClock clock = new OverflowingClock();
  private final MassLossGuard rule = new MassLossGuard(0.25, 0, 1_000, 2_000, clock);

  @Test
  void isAccepted_upToShare_atOnce() {
    assertThat(rule.isAccepted(0, 0)).isTrue();
    assertThat(rule.isAccepted(8, 2)).isTrue();
    assertThat(rule.isAccepted(8, 3)).isFalse();
    assertThat(rule.isAccepted(1, 1)).isFalse();
  }

  @Test
  void isAccepted_fewInSmallRegistry_atOnce() {
    MassLossGuard few = new MassLossGuard(0.15, 3, 1_000, 2_000, clock);

    assertThat(few.isAccepted(5, 1)).isTrue();
    assertThat(few.isAccepted(5, 2)).isTrue();
    assertThat(few.isAccepted(10, 3)).isTrue();
    assertThat(few.isAccepted(2, 1)).isTrue();
  }

  @Test
  void isAccepted_mostOfSmallRegistry_notAtOnce() {
    MassLossGuard few = new MassLossGuard(0.15, 3, 1_000, 2_000, clock);

    assertThat(few.isAccepted(1, 1)).isFalse();
    assertThat(few.isAccepted(2, 2)).isFalse();
    assertThat(few.isAccepted(3, 2)).isFalse();
    assertThat(few.isAccepted(5, 3)).isFalse();
    assertThat(few.isAccepted(10, 4)).isFalse();
  }

  @Test
  void isAccepted_persistentLoss_once() {
    assertThat(rule.isAccepted(8, 8)).isFalse();
    clock.passMs(999);
    assertThat(rule.isAccepted(8, 7)).isFalse();
    clock.passMs(1);
    assertThat(rule.isAccepted(8, 8)).isTrue();
    assertThat(rule.isAccepted(8, 8)).isFalse();
  }

  @Test
  void isAccepted_afterCompleteResponse_restartsDelay() {
    assertThat(rule.isAccepted(8, 8)).isFalse();
    clock.passMs(1_000);
    assertThat(rule.isAccepted(8, 0)).isTrue();
    assertThat(rule.isAccepted(8, 8)).isFalse();
  }

  @Test
  void isAccepted_afterGap_restartsDelay() {
    assertThat(rule.isAccepted(8, 8)).isFalse();
    clock.passMs(2_001);
    assertThat(rule.isAccepted(8, 8)).isFalse();
  }
}
