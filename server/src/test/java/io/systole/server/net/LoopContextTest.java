// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.systole.server.metrics.RequestClass;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.time.ManualClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopContextTest {
  private final ManualClock clock = new ManualClock();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private int queuedWork;
  private final LoopContext context =
      new LoopContext(channel.eventLoop(), clock, FixedStatus.OK, () -> queuedWork, () -> 0);
  private final List<Long> checksNs = new ArrayList<>();

  private void tickAfterMs(long passedMs) {
    clock.advanceMs(passedMs);
    channel.advanceTimeBy(100, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
  }

  /** Lets time pass; returns how often the loop woke up for a task. */
  private int wakeUpsInMs(long ms) {
    int wakeUps = 0;
    long leftNs = TimeUnit.MILLISECONDS.toNanos(ms);
    long delayNs = channel.runScheduledPendingTasks();
    while (delayNs >= 0 && delayNs <= leftNs) {
      wakeUps++;
      leftNs -= delayNs;
      clock.advanceMs(TimeUnit.NANOSECONDS.toMillis(delayNs));
      channel.advanceTimeBy(delayNs, TimeUnit.NANOSECONDS);
      delayNs = channel.runScheduledPendingTasks();
    }
    clock.advanceMs(TimeUnit.NANOSECONDS.toMillis(leftNs));
    channel.advanceTimeBy(leftNs, TimeUnit.NANOSECONDS);
    return wakeUps;
  }

  private TimeoutWheel.WheelTimeout addTimeoutInMs(long ms) {
    TimeoutWheel.WheelTimeout timeout = context.connections.timeout(nowNs -> {
      checksNs.add(nowNs);
      return Long.MAX_VALUE;
    });
    context.connections.add(timeout, deadlineInMs(ms));
    return timeout;
  }

  private long deadlineInMs(long ms) {
    return clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private String bareOk() {
    return new String(
        context.preencoded.bare(200, ConnectionMode.PERSISTENT), StandardCharsets.US_ASCII);
  }

  @Test
  void tick_secondsPass_updatesDateOfResponses() {
    channel.freezeTime();
    context.start();
    String before = bareOk();

    tickAfterMs(1_000);

    assertThat(before).contains("\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n");
    assertThat(bareOk()).contains("\r\nDate: Thu, 01 Jan 2026 00:00:01 GMT\r\n");
  }

  @Test
  void lagNs_oneTickWasLate_isItsDelay() {
    channel.freezeTime();
    context.start();

    tickAfterMs(350);
    for (int tick = 0; tick < 9; tick++) {
      tickAfterMs(100);
    }

    assertThat(context.lagNs()).isEqualTo(TimeUnit.MILLISECONDS.toNanos(250));
  }

  @Test
  void tick_idleLoopIsLateRepeatedly_refusesNothing() {
    channel.freezeTime();
    context.start();

    for (int tick = 0; tick < 20; tick++) {
      tickAfterMs(1_000);
    }

    assertThat(context.admission.admits(RequestClass.FULL_FETCH)).isTrue();
  }

  @Test
  void tick_workerQueueStaysFull_refusesFullFetchesUntilItDrains() {
    channel.freezeTime();
    context.start();
    queuedWork = WorkerPool.BODY_QUEUE_MAX;

    for (int tick = 0; tick < 5; tick++) {
      tickAfterMs(100);
    }
    boolean isAdmittedWhileBusy = context.admission.admits(RequestClass.FULL_FETCH);
    queuedWork = 0;
    for (int tick = 0; tick < 5; tick++) {
      tickAfterMs(100);
    }

    assertThat(isAdmittedWhileBusy).isFalse();
    assertThat(context.admission.admits(RequestClass.FULL_FETCH)).isTrue();
  }

  @Test
  void tick_loopIsIdle_wakesUpOnceASecond() {
    channel.freezeTime();
    context.start();
    wakeUpsInMs(100);

    assertThat(wakeUpsInMs(60_000)).isEqualTo(60);
  }

  @Test
  void tick_idleConnections_wakesUpOnceASecondAndForTheirTimeouts() {
    channel.freezeTime();
    context.start();
    addTimeoutInMs(30_050);
    long dueNs = deadlineInMs(30_050);

    assertThat(wakeUpsInMs(60_000)).isBetween(60, 75);
    assertThat(checksNs)
        .singleElement()
        .satisfies(checkNs -> assertThat(checkNs - dueNs)
            .isBetween(-TimeUnit.MILLISECONDS.toNanos(100), TimeUnit.MILLISECONDS.toNanos(100)));
  }

  @Test
  void tick_inputInEveryInterval_wakesUpTenTimesASecond() {
    channel.freezeTime();
    context.start();
    int wakeUps = 0;
    for (int interval = 0; interval < 100; interval++) {
      context.inputReceived();
      wakeUps += wakeUpsInMs(100);
    }

    assertThat(wakeUps).isEqualTo(100);
  }

  @Test
  void inputReceived_loopIsIdle_updatesDateAndReturnsToShortInterval() {
    channel.freezeTime();
    context.start();
    wakeUpsInMs(2_050);
    String before = bareOk();

    context.inputReceived();

    assertThat(before).contains("\r\nDate: Thu, 01 Jan 2026 00:00:01 GMT\r\n");
    assertThat(bareOk()).contains("\r\nDate: Thu, 01 Jan 2026 00:00:02 GMT\r\n");
    assertThat(wakeUpsInMs(250)).isEqualTo(2);
  }

  @Test
  void rescheduleEarlier_loopIsIdle_checksInTime() {
    channel.freezeTime();
    context.start();
    TimeoutWheel.WheelTimeout timeout = addTimeoutInMs(40_000);
    wakeUpsInMs(5_100);

    timeout.rescheduleEarlier(deadlineInMs(200));
    wakeUpsInMs(300);

    assertThat(checksNs).hasSize(1);
  }

  /** Netty reports exhausted buffers by an error; the response to a slow request needs one. */
  @Test
  void tick_checkFailsWithAnError_checksTimeoutsAfterwards() {
    channel.freezeTime();
    context.start();
    TimeoutWheel.WheelTimeout failing = context.connections.timeout(nowNs -> {
      throw new OutOfMemoryError("planted by a test");
    });
    context.connections.add(failing, deadlineInMs(50));
    addTimeoutInMs(1_000);

    wakeUpsInMs(500);
    context.connections.remove(failing);
    wakeUpsInMs(1_000);

    assertThat(checksNs).hasSize(1);
  }

  @Test
  void drain_loopIsIdle_checksConnectionsAndReturnsToShortInterval() {
    channel.freezeTime();
    context.start();
    addTimeoutInMs(40_000);
    wakeUpsInMs(5_100);

    context.drain();

    assertThat(checksNs).hasSize(1);
    assertThat(wakeUpsInMs(1_000)).isEqualTo(10);
  }

  @Test
  void lagNs_idleLoopReadsBeforeItsOverdueTick_isTheDelayOfTheTick() {
    channel.freezeTime();
    context.start();
    wakeUpsInMs(1_100);

    clock.advanceMs(4_000);
    context.inputReceived();

    assertThat(context.lagNs()).isEqualTo(TimeUnit.SECONDS.toNanos(3));
  }
}
