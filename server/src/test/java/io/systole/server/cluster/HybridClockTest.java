// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.time.ManualClock;
import org.junit.jupiter.api.Test;

class HybridClockTest {
  private final ManualClock wall = new ManualClock();
  private final HybridClock clock = new HybridClock(wall);

  @Test
  void next_wallClockStands_increases() {
    long first = clock.next();

    assertThat(first).isEqualTo(HybridClock.stampOf(ManualClock.START_WALL_MS));
    assertThat(clock.next()).isEqualTo(first + 1);
  }

  @Test
  void next_wallClockStepsBack_increases() {
    long first = clock.next();
    wall.stepWallTo(ManualClock.START_WALL_MS - 3_600_000);

    assertThat(clock.next()).isGreaterThan(first);
  }

  @Test
  void next_afterTheStampOfAMemberAhead_isGreater() {
    long ahead = HybridClock.stampOf(ManualClock.START_WALL_MS + 60_000) + 7;
    clock.observe(ahead);

    assertThat(clock.next()).isEqualTo(ahead + 1);
  }

  @Test
  void isYounger_atTheLimit_isFalse() {
    long stamp = clock.next();
    wall.advanceMs(1_999);
    assertThat(clock.isYounger(stamp, 2_000)).isTrue();
    wall.advanceMs(1);
    assertThat(clock.isYounger(stamp, 2_000)).isFalse();
  }

  @Test
  void restoredStampOf_anyTime_isLessThanThatOfAChangeAndOrdered() {
    long earlier = HybridClock.restoredStampOf(ManualClock.START_WALL_MS);
    long later = HybridClock.restoredStampOf(ManualClock.START_WALL_MS + 1);

    assertThat(later).isGreaterThan(earlier);
    assertThat(clock.next()).isGreaterThan(HybridClock.restoredStampOf(Long.MAX_VALUE));
    assertThat(clock.isValid(HybridClock.restoredStampOf(Long.MAX_VALUE))).isTrue();
  }

  @Test
  void isValid_outsideTheRange_isFalse() {
    assertThat(clock.isValid(-1)).isFalse();
    assertThat(clock.isValid(HybridClock.STAMP_MAX)).isFalse();
    assertThat(clock.isValid(0)).isTrue();
  }

  @Test
  void isValid_moreThanTwoHundredYearsAhead_isFalse() {
    long yearMs = 365 * 86_400_000L;
    long start = ManualClock.START_WALL_MS;

    assertThat(clock.isValid(HybridClock.stampOf(start + 199 * yearMs))).isTrue();
    assertThat(clock.isValid(HybridClock.stampOf(start + 200 * yearMs))).isFalse();
  }

  @Test
  void restored_impossibleTime_isZero() {
    long start = ManualClock.START_WALL_MS;

    assertThat(clock.restored(start)).isEqualTo(HybridClock.stampOf(start));
    assertThat(clock.restored(-1)).isZero();
    assertThat(clock.restored(1L << 47)).isZero();
    assertThat(clock.restored(Long.MAX_VALUE)).isZero();
  }
}
