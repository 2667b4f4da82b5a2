// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.systole.server.config.ConfigParser;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class NodeThreadsTest {
  /** Records repeated tasks, and runs none by itself. */
  private static final class RecordingTimer extends ScheduledThreadPoolExecutor {
    private final List<Runnable> tasks = new ArrayList<>();
    private double wakeUpsPerSecond;

    RecordingTimer() {
      super(1);
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(
        Runnable task, long initialDelay, long delay, TimeUnit unit) {
      tasks.add(task);
      wakeUpsPerSecond += 1e9 / unit.toNanos(delay);
      return schedule(() -> {}, 0, unit);
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(
        Runnable task, long initialDelay, long period, TimeUnit unit) {
      return scheduleWithFixedDelay(task, initialDelay, period, unit);
    }
  }

  private final List<RecordingTimer> timers = new ArrayList<>();
  private final NodeThreads threads = new NodeThreads(name -> {
    RecordingTimer timer = new RecordingTimer();
    timers.add(timer);
    return timer;
  });

  @AfterEach
  void stop() {
    threads.stopTimers();
    threads.stopScrapes();
  }

  @Test
  void repeat_someOfSeveralTasksFail_runsTheOthers() {
    List<String> run = new ArrayList<>();
    threads.repeat(
        1_000,
        () -> run.add("first"),
        () -> {
          throw new IllegalStateException("expected by the test");
        },
        () -> {
          throw new AssertionError("expected by the test");
        },
        () -> run.add("last"));

    timers.get(0).tasks.get(0).run();

    assertThat(run).containsExactly("first", "last");
  }

  @Test
  void repeatAtFixedRate_taskFails_isNotCancelled() {
    threads.repeatAtFixedRate(1_000, () -> {
      throw new IllegalStateException("expected by the test");
    });

    assertThatCode(timers.get(0).tasks.get(0)::run).doesNotThrowAnyException();
  }

  @Test
  void schedule_registryOfANode_wakesUpAboutTwiceASecond() throws IOException {
    NodeRegistry node =
        new NodeRegistry(ConfigParser.defaults(), new ManualClock(), "run-1", () -> 0);

    node.schedule(threads, () -> {});

    double wakeUpsPerSecond =
        timers.stream().mapToDouble(timer -> timer.wakeUpsPerSecond).sum();
    assertThat(wakeUpsPerSecond).isBetween(2.0, 2.5);
  }
}
