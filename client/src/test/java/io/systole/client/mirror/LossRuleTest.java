// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.time.ManualClock;
import org.junit.jupiter.api.Test;

class LossRuleTest {
  private final ManualClock clock = new ManualClock();
  private final LossRule rule = new LossRule(0.25, 1_000, 2_000, clock);

  @Test
  void isBelieved_upToTheShare_atOnce() {
    assertThat(rule.isBelieved(0, 0)).isTrue();
    assertThat(rule.isBelieved(8, 2)).isTrue();
    assertThat(rule.isBelieved(8, 3)).isFalse();
    assertThat(rule.isBelieved(1, 1)).isFalse();
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
  void isBelieved_afterAGoodAnswerBetween_beginsAnew() {
    assertThat(rule.isBelieved(8, 8)).isFalse();
    clock.passMs(1_000);
    assertThat(rule.isBelieved(8, 0)).isTrue();
    assertThat(rule.isBelieved(8, 8)).isFalse();
  }

  @Test
  void isBelieved_afterTooLongWithoutAnAnswer_beginsAnew() {
    assertThat(rule.isBelieved(8, 8)).isFalse();
    clock.passMs(2_001);
    assertThat(rule.isBelieved(8, 8)).isFalse();
  }
}
