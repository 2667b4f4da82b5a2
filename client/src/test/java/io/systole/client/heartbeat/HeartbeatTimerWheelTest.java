// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.OverflowingClock;
import io.systole.client.heartbeat.HeartbeatTimerWheel.Phases;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HeartbeatTimerWheelTest {
  private static final long TICK_NS = TimeUnit.MILLISECONDS.toNanos(1);
  private static final long SEED = 42;

  private final OverflowingClock clock = new OverflowingClock();
  private final long originNs = clock.monotonicNs();
  private final Map<Session, List<Long>> dueMs = new HashMap<>();
  private long missed;

  private void due(Session session, long dueNs, long missedBefore, long intervalNs) {
    dueMs.computeIfAbsent(session, key -> new ArrayList<>()).add(ms(dueNs));
    missed += missedBefore;
  }

  private List<Long> timesOf(Session session) {
    return dueMs.getOrDefault(session, List.of());
  }

  private long ms(long ns) {
    return TimeUnit.NANOSECONDS.toMillis(ns - originNs);
  }

  private HeartbeatTimerWheel wheel(int buckets, int jitterTicks) {
    return wheel(buckets, jitterTicks, Phases.EVEN);
  }

  private HeartbeatTimerWheel wheel(int buckets, int jitterTicks, Phases phases) {
    return new HeartbeatTimerWheel(
        clock.monotonicNs(), TICK_NS, buckets, jitterTicks, phases, SEED);
  }

  /** Random phases send heartbeats as independent clients do. */
  @Test
  void advanceTo_randomPhases_lieUnevenlyAndOncePerInterval() {
    HeartbeatTimerWheel wheel = wheel(1024, 0, Phases.RANDOM);
    List<Session> sessions = add(wheel, 500, 500);

    advance(wheel, 500, 1);

    Set<Long> times = new HashSet<>();
    assertThat(sessions).allSatisfy(session -> assertThat(timesOf(session)).hasSize(1));
    sessions.forEach(session -> times.addAll(timesOf(session)));
    // Of 500 independent choices among 500 ticks, 1 - 1/e are distinct.
    assertThat(times).hasSizeBetween(280, 350);
  }

  private List<Session> add(HeartbeatTimerWheel wheel, int count, long intervalMs) {
    List<Session> sessions = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      Session session = Sessions.session("A", "i" + index);
      sessions.add(session);
      wheel.add(session, clock.monotonicNs(), TimeUnit.MILLISECONDS.toNanos(intervalMs));
    }
    return sessions;
  }

  /** Advances the wheel repeatedly at fixed intervals. */
  private void advance(HeartbeatTimerWheel wheel, int times, long actionMs) {
    for (int i = 0; i < times; i++) {
      clock.passMs(actionMs);
      wheel.advanceTo(clock.monotonicNs(), this::due);
    }
  }

  @ParameterizedTest
  @CsvSource({"64,1", "64,7", "1024,1", "1024,50"})
  void advanceTo_throughManyIntervals_reportsEachSessionOncePerInterval(
      int buckets, long actionMs) {
    HeartbeatTimerWheel wheel = wheel(buckets, 0);
    List<Session> sessions = add(wheel, 50, 300);

    advance(wheel, (int) (3000 / actionMs), actionMs);

    long advancedMs = 3000 / actionMs * actionMs;
    assertThat(sessions).allSatisfy(session -> {
      List<Long> times = timesOf(session);
      long first = times.get(0);
      assertThat(first).isBetween(1L, 300L);
      assertThat(times).hasSize((int) ((advancedMs - first) / 300) + 1);
      for (int beat = 0; beat < times.size(); beat++) {
        assertThat(times.get(beat)).isEqualTo(first + beat * 300L);
      }
    });
    assertThat(missed).isZero();
  }

  @Test
  void advanceTo_withJitter_staysWithinBoundWithoutDrift() {
    HeartbeatTimerWheel wheel = wheel(1024, 20);
    List<Session> sessions = add(wheel, 20, 100);

    advance(wheel, 5000, 1);

    assertThat(sessions).allSatisfy(session -> {
      List<Long> times = timesOf(session);
      long least = Long.MAX_VALUE;
      long most = Long.MIN_VALUE;
      for (int beat = 0; beat < times.size(); beat++) {
        least = Math.min(least, times.get(beat) - beat * 100L);
        most = Math.max(most, times.get(beat) - beat * 100L);
      }
      assertThat(times).hasSizeBetween(49, 50);
      assertThat(most - least).isBetween(10L, 19L);
    });
  }

  @Test
  void advanceTo_jitterAsLongAsTheInterval_reportsEachOncePerInterval() {
    HeartbeatTimerWheel wheel = wheel(64, 1000);
    List<Session> sessions = add(wheel, 20, 50);

    advance(wheel, 5000, 1);

    assertThat(sessions)
        .allSatisfy(session -> assertThat(timesOf(session)).hasSizeBetween(98, 100));
    assertThat(missed).isZero();
  }

  @Test
  void add_manyAtOnce_spreadsThemEvenlyOverTheInterval() {
    HeartbeatTimerWheel wheel = wheel(1024, 0);
    add(wheel, 10_000, 1000);
    int[] perTenth = new int[10];

    advance(wheel, 1000, 1);

    dueMs.values().forEach(times -> perTenth[(int) ((times.get(0) - 1) / 100)]++);
    assertThat(Arrays.stream(perTenth).boxed())
        .allSatisfy(count -> assertThat(count).isBetween(990, 1010));
  }

  @Test
  void advanceTo_sessionsAddedAndEndedMeanwhile_reportsActiveOnly() {
    HeartbeatTimerWheel wheel = wheel(64, 0);
    List<Session> early = add(wheel, 10, 100);
    advance(wheel, 250, 1);
    early.subList(0, 5).forEach(Session::cancel);
    List<Session> late = add(wheel, 10, 100);
    dueMs.clear();

    advance(wheel, 200, 1);

    assertThat(dueMs.keySet()).hasSize(15).containsAll(early.subList(5, 10)).containsAll(late);
    assertThat(dueMs.values()).allSatisfy(times -> assertThat(times).hasSize(2));
  }

  @ParameterizedTest
  @CsvSource({"64,100,7", "64,7,100", "1024,3000,50", "1024,100,100"})
  void respread_midway_reportsEachOncePerNewInterval(int buckets, long beforeMs, long afterMs) {
    HeartbeatTimerWheel wheel = wheel(buckets, 0);
    List<Session> sessions = add(wheel, 100, beforeMs);
    advance(wheel, 350, 1);
    sessions.subList(0, 10).forEach(Session::cancel);
    dueMs.clear();

    wheel.respread(clock.monotonicNs(), TimeUnit.MILLISECONDS.toNanos(afterMs));

    advance(wheel, (int) (10 * afterMs), 1);
    assertThat(dueMs.keySet()).hasSize(90).containsAll(sessions.subList(10, 100));
    assertThat(dueMs.values()).allSatisfy(times -> assertThat(times).hasSize(10));
    long first = dueMs.values().stream().mapToLong(times -> times.get(0)).min().orElseThrow();
    long firstHalf = dueMs.values().stream()
        .filter(times -> times.get(0) - first < (afterMs + 1) / 2)
        .count();
    assertThat(firstHalf).isBetween(36L, 56L);
    assertThat(missed).isZero();
  }

  @Test
  void advanceTo_sessionEndedWhileAdvancing_isNotReportedAgain() {
    HeartbeatTimerWheel wheel = wheel(64, 0);
    add(wheel, 10, 10);
    clock.passMs(10);

    wheel.advanceTo(
        clock.monotonicNs(), (session, dueNs, missedBefore, intervalNs) -> session.cancel());

    advance(wheel, 100, 1);
    assertThat(dueMs).isEmpty();
    assertThat(wheel.nextDueNs()).isEqualTo(HeartbeatTimerWheel.NEVER);
  }

  @ParameterizedTest
  @ValueSource(longs = {1_000, 64_000, 3_600_000})
  void advanceTo_clockJump_reportsEachOnceWithMissedCount(long jumpMs) {
    HeartbeatTimerWheel wheel = wheel(64, 0);
    List<Session> sessions = add(wheel, 10, 100);
    advance(wheel, 100, 1);
    dueMs.clear();

    advance(wheel, 1, jumpMs);

    assertThat(dueMs.values()).hasSize(10).allSatisfy(times -> assertThat(times).hasSize(1));
    assertThat(missed).isEqualTo(10 * (jumpMs / 100 - 1));
    advance(wheel, 100, 1);
    assertThat(sessions).allSatisfy(session -> {
      List<Long> times = timesOf(session);
      assertThat((times.get(1) - times.get(0)) % 100).isZero();
    });
  }

  @Test
  void advanceTo_clockUnchanged_reportsNone() {
    HeartbeatTimerWheel wheel = wheel(64, 0);
    add(wheel, 10, 10);
    advance(wheel, 10, 1);
    dueMs.clear();

    wheel.advanceTo(clock.monotonicNs(), this::due);

    assertThat(dueMs).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"64,10", "64,63", "64,64", "64,1000", "128,100", "4096,3000"})
  void nextDueNs_followed_missesNone(int buckets, long intervalMs) {
    HeartbeatTimerWheel wheel = wheel(buckets, 0);
    List<Session> sessions = add(wheel, 3, intervalMs);

    while (ms(clock.monotonicNs()) < 10 * intervalMs) {
      long waitMs = TimeUnit.NANOSECONDS.toMillis(wheel.nextDueNs() - clock.monotonicNs());
      assertThat(waitMs).isPositive();
      advance(wheel, 1, waitMs);
    }

    assertThat(sessions).allSatisfy(session -> assertThat(timesOf(session)).hasSizeBetween(9, 11));
    assertThat(missed).isZero();
  }

  @Test
  void nextDueNs_emptyWheel_isNever() {
    assertThat(wheel(64, 0).nextDueNs()).isEqualTo(HeartbeatTimerWheel.NEVER);
  }

  @Test
  void add_intervalBelowATick_isReportedEachTick() {
    HeartbeatTimerWheel wheel = wheel(64, 0);
    List<Session> sessions = add(wheel, 1, 0);

    advance(wheel, 10, 1);

    assertThat(timesOf(sessions.get(0))).hasSize(10);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 32, 100})
  void new_invalidBucketCount_throws(int buckets) {
    assertThatThrownBy(() -> wheel(buckets, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("got " + buckets);
  }
}
