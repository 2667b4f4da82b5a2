// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import io.systole.server.metrics.RequestClass;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.time.ManualClock;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LoopContextTest {
  private final ManualClock clock = new ManualClock();
  private final EmbeddedChannel channel = new EmbeddedChannel();
  private int queuedWork;
  private final LoopContext context =
      new LoopContext(channel.eventLoop(), clock, FixedStatus.OK, () -> queuedWork, () -> 0);

  private void tickAfterMs(long passedMs) {
    clock.advanceMs(passedMs);
    channel.advanceTimeBy(100, TimeUnit.MILLISECONDS);
    channel.runScheduledPendingTasks();
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
}
