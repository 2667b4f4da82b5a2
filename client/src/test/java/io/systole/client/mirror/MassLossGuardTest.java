// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.time.ManualClock;
import org.junit.jupiter.api.Test;

class MassLossGuardTest {
  private final ManualClock clock = new ManualClock();
  private final MassLossGuard rule = new MassLossGuard(0.25, 0, 1_000, 2_000, clock);

  @Test
  void isBelieved_upToTheShare_atOnce() {
    assertThat(rule.isBelieved(0, 0)).isTrue();
    assertThat(rule.isBelieved(8, 2)).isTrue();
    assertThat(rule.isBelieved(8, 3)).isFalse();
    assertThat(rule.isBelieved(1, 1)).isFalse();
  }

  @Test
  void isBelieved_fewInASmallRegistry_atOnce() {
    MassLossGuard few = new MassLossGuard(0.15, 3, 1_000, 2_000, clock);

    assertThat(few.isBelieved(5, 1)).isTrue();
    assertThat(few.isBelieved(5, 2)).isTrue();
    assertThat(few.isBelieved(10, 3)).isTrue();
    assertThat(few.isBelieved(2, 1)).isTrue();
  }

  @Test
  void isBelieved_mostOfASmallRegistry_notAtOnce() {
    MassLossGuard few = new MassLossGuard(0.15, 3, 1_000, 2_000, clock);

    assertThat(few.isBelieved(1, 1)).isFalse();
    assertThat(few.isBelieved(2, 2)).isFalse();
    assertThat(few.isBelieved(3, 2)).isFalse();
    assertThat(few.isBelieved(5, 3)).isFalse();
    assertThat(few.isBelieved(10, 4)).isFalse();
  }

  @Test
  void isBelieved_moreForLongEnough_once() {
    assertThat(rule.isBelieved(8, 8)).isFalse();
    clock.passMs(999);
    assertThat(rule.isBelieved(8, 7)).isFalse();
    clock.passMs(1);
    assertThat(rule.isBelieved(8, 8)).isTrue();
    assertThat(rule.isBelieved(8, 8)).isFalse();
  }

  @Test
  void isBelieved_afterAGoodResponseBetween_beginsAnew() {
    assertThat(rule.isBelieved(8, 8)).isFalse();
    clock.passMs(1_000);
    assertThat(rule.isBelieved(8, 0)).isTrue();
    assertThat(rule.isBelieved(8, 8)).isFalse();
  }

  @Test
  void isBelieved_afterTooLongWithoutAnResponse_beginsAnew() {
    assertThat(rule.isBelieved(8, 8)).isFalse();
    clock.passMs(2_001);
    assertThat(rule.isBelieved(8, 8)).isFalse();
  }
}
