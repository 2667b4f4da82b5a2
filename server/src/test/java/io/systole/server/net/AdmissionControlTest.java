// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.server.metrics.Counters.Overload;
import io.systole.server.metrics.RequestClass;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AdmissionControlTest {
  private static final int STEP_MS = 10;

  private final AdmissionControl admission = new AdmissionControl(() -> 0);
  private final Logger logger = (Logger) LoggerFactory.getLogger(AdmissionControl.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();
  private long nowNs = -5;

  @BeforeEach
  void recordLog() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void detachLog() {
    logger.detachAppender(log);
  }

  /** Lines of this test; other tests run at the same time, on other threads. */
  private List<String> lines() {
    // The monitor in which lines are appended.
    synchronized (log) {
      return log.list.stream()
          .filter(event -> event.getThreadName().equals(Thread.currentThread().getName()))
          .map(event -> event.getLevel() + " " + event.getFormattedMessage())
          .toList();
    }
  }

  private void refuse(RequestClass requestClass) {
    assertThat(admission.refusalOf(requestClass, null, nowNs)).isEqualTo(Overload.LOOP_LAG);
  }

  private static long ns(long ms) {
    return TimeUnit.MILLISECONDS.toNanos(ms);
  }

  /** Updates the policy every 10 ms with one lag. */
  private void lag(long lagMs, long forMs) {
    update(lagMs, 0, 0, forMs);
  }

  private void update(long lagMs, int loopTasks, int workerTasks, long forMs) {
    for (long passedMs = 0; passedMs < forMs; passedMs += STEP_MS) {
      nowNs += ns(STEP_MS);
      admission.update(ns(lagMs), loopTasks, workerTasks, nowNs);
    }
  }

  private List<RequestClass> admitted() {
    return Stream.of(RequestClass.values()).filter(admission::admits).toList();
  }

  @Test
  void admits_noLoad_isEveryClass() {
    lag(0, 1_000);

    assertThat(admitted()).containsExactly(RequestClass.values());
  }

  @Test
  void update_lagStaysAboveEachLimit_refusesTheLowestClassFirst() {
    List<List<RequestClass>> states = new ArrayList<>();
    for (int step = 0; step < 300; step++) {
      lag(501, STEP_MS);
      if (states.isEmpty() || !states.get(states.size() - 1).equals(admitted())) {
        states.add(admitted());
      }
    }

    assertThat(states)
        .containsExactly(
            List.of(RequestClass.values()),
            List.of(RequestClass.CRITICAL, RequestClass.REGISTRATION, RequestClass.DELTA),
            List.of(RequestClass.CRITICAL, RequestClass.REGISTRATION),
            List.of(RequestClass.CRITICAL));
  }

  @Test
  void update_lagAboveTheLimitOfFullFetchesOnly_refusesNoOther() {
    lag(150, 10_000);

    assertThat(admitted()).doesNotContain(RequestClass.FULL_FETCH).hasSize(3);
  }

  @Test
  void update_lagAboveTheLimitOfDeltasOnly_admitsRegistrations() {
    lag(400, 10_000);

    assertThat(admitted()).containsExactly(RequestClass.CRITICAL, RequestClass.REGISTRATION);
  }

  @Test
  void update_lagOfSeconds_admitsHeartbeats() {
    lag(10_000, 60_000);

    assertThat(admitted()).containsExactly(RequestClass.CRITICAL);
  }

  @Test
  void update_oneLongIteration_refusesNothing() {
    lag(0, 1_000);
    lag(600, STEP_MS);
    lag(0, 1_000);

    assertThat(admitted()).hasSize(4);
  }

  @Test
  void update_longAndShortIterationsAlternate_refusesNothing() {
    for (int i = 0; i < 100; i++) {
      lag(600, STEP_MS);
      lag(0, STEP_MS);
    }

    assertThat(admitted()).hasSize(4);
  }

  @Test
  void update_lagReturnsToTheLimit_keepsRefusing() {
    lag(150, 250);

    lag(60, 10_000);

    assertThat(admitted()).hasSize(3);
  }

  @Test
  void update_lagIsShort_admitsTheClassesInReverseOrderWithAPauseBeforeEach() {
    lag(600, 1_000);
    List<Integer> counts = new ArrayList<>();

    for (int step = 0; step < 5; step++) {
      counts.add(admitted().size());
      lag(1, TimeUnit.NANOSECONDS.toMillis(AdmissionControl.CALM_NS) + STEP_MS);
    }

    assertThat(counts).containsExactly(1, 2, 3, 4, 4);
  }

  @Test
  void update_shortLagIsInterrupted_beginsThePauseAgain() {
    lag(150, 250);
    lag(1, 190);
    lag(60, STEP_MS);

    lag(1, 190);

    assertThat(admitted()).hasSize(3);
  }

  @Test
  void update_tasksQueuedForTheLoop_countAsTheirTime() {
    update(0, 8_000, 0, 1_000);

    assertThat(admitted()).hasSize(3);
    assertThat(admission.reason()).isEqualTo(Overload.LOOP_QUEUE);
  }

  @Test
  void update_workerQueueIsFull_refusesFullFetchesOnly() {
    update(0, 0, WorkerPool.BODY_QUEUE_MAX, 10_000);

    assertThat(admitted()).doesNotContain(RequestClass.FULL_FETCH).hasSize(3);
    assertThat(admission.reason()).isEqualTo(Overload.WORKER_QUEUE);
  }

  @Test
  void reason_loopLagIsLargest_isIt() {
    update(150, 10, 3, 1_000);

    assertThat(admission.reason()).isEqualTo(Overload.LOOP_LAG);
  }

  /** Regression: a node that had refused nothing logged that it refuses requests. */
  @Test
  void update_noRequestIsRefused_logsNothing() {
    lag(600, 10_000);
    lag(1, 10_000);

    assertThat(lines()).isEmpty();
  }

  @Test
  void refused_classAfterClass_logsEachOnceAndTheEndOfTheOverload() {
    lag(600, 1_000);
    for (int i = 0; i < 100; i++) {
      refuse(RequestClass.FULL_FETCH);
      refuse(RequestClass.REGISTRATION);
      refuse(RequestClass.DELTA);
    }
    lag(1, 2_000);

    assertThat(lines())
        .containsExactly(
            "WARN overloaded, refusing requests class=full_fetch reason=loop_lag delayMs=600",
            "WARN overloaded, refusing requests class=registration reason=loop_lag delayMs=600",
            "INFO no longer overloaded, all requests are admitted refused=300 seconds=0");
  }

  @Test
  void refused_overloadsFollowEachOther_logsOneWithinAMinute() {
    for (int round = 0; round < 10; round++) {
      lag(150, 1_000);
      refuse(RequestClass.FULL_FETCH);
      lag(1, 1_000);
    }
    List<String> within = lines();
    lag(1, 60_000);
    lag(150, 1_000);
    refuse(RequestClass.FULL_FETCH);

    assertThat(within).hasSize(2);
    assertThat(lines()).hasSize(3);
  }
}
