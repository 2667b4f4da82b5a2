// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.net.TimeoutWheel.WheelTimeout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TimeoutWheelTest {
  private static final long NEVER_NS = Long.MAX_VALUE;

  /** Records its checks and schedules the next at {@code nextNs}. */
  private static final class RecordingTask implements TimeoutWheel.Task {
    private final List<Long> checksNs = new ArrayList<>();
    private long nextNs = NEVER_NS;

    @Override
    public long check(long nowNs) {
      checksNs.add(nowNs);
      return nextNs;
    }
  }

  private final List<Long> scheduledNs = new ArrayList<>();
  private final TimeoutWheel wheel = new TimeoutWheel(0, scheduledNs::add);

  private static long ms(long ms) {
    return TimeUnit.MILLISECONDS.toNanos(ms);
  }

  private WheelTimeout add(RecordingTask task, long deadlineNs) {
    WheelTimeout timeout = wheel.timeout(task);
    wheel.add(timeout, deadlineNs);
    return timeout;
  }

  private void runAt(long nowMs) {
    wheel.poll(ms(nowMs));
    boolean isMore = wheel.runDue(ms(nowMs), Integer.MAX_VALUE);
    assertThat(isMore).isFalse();
  }

  @Test
  void poll_deadlineWithinTheWheel_isCheckedThenAndNotBefore() {
    RecordingTask task = new RecordingTask();
    add(task, ms(5_000));

    runAt(4_899);
    int checksBefore = task.checksNs.size();
    runAt(5_000);

    assertThat(checksBefore).isZero();
    assertThat(task.checksNs).containsExactly(ms(5_000));
  }

  @Test
  void poll_deadlineBeyondTheWheel_isCheckedWithinItsSpanAndAgainInTime() {
    RecordingTask task = new RecordingTask();
    task.nextNs = ms(180_000);
    add(task, ms(180_000));

    for (long nowMs = 0; nowMs <= 180_000; nowMs += 100) {
      runAt(nowMs);
    }

    assertThat(task.checksNs).hasSizeBetween(2, 6).endsWith(ms(180_000));
  }

  @Test
  void poll_manyIdleTasks_checksOnlyWhatIsDue() {
    List<RecordingTask> tasks = IntStream.range(0, 18_000)
        .mapToObj(i -> new RecordingTask())
        .peek(task -> add(task, ms(40_000)))
        .toList();

    for (long nowMs = 0; nowMs < 30_000; nowMs += 100) {
      runAt(nowMs);
    }

    assertThat(tasks).as("none is checked early").allMatch(t -> t.checksNs.isEmpty());
    assertThat(wheel.tasks()).hasSize(18_000);
  }

  @Test
  void runDue_moreThanMax_leavesTheRestToTheNextCall() {
    List<RecordingTask> tasks = IntStream.range(0, 300)
        .mapToObj(i -> new RecordingTask())
        .peek(task -> add(task, ms(1_000)))
        .toList();

    wheel.poll(ms(1_000));
    boolean isMoreAfterOne = wheel.runDue(ms(1_000), 128);
    long checkedInOne = tasks.stream().filter(task -> !task.checksNs.isEmpty()).count();
    boolean isMoreAfterTwo = wheel.runDue(ms(1_000), 128);
    boolean isMoreAfterThree = wheel.runDue(ms(1_000), 128);

    assertThat(List.of(isMoreAfterOne, isMoreAfterTwo, isMoreAfterThree))
        .containsExactly(true, true, false);
    assertThat(checkedInOne).isEqualTo(128);
    assertThat(tasks).allMatch(task -> task.checksNs.size() == 1);
  }

  @Test
  void runDue_nextCheckInTheCurrentTick_waitsForTheNextPoll() {
    RecordingTask task = new RecordingTask();
    task.nextNs = ms(1_050);
    add(task, ms(1_010));

    runAt(1_020);
    runAt(1_051);

    assertThat(task.checksNs).containsExactly(ms(1_020), ms(1_051));
  }

  @Test
  void hasCheckBefore_checkScheduled_isTrueFromItsTickOn() {
    add(new RecordingTask(), ms(1_050));

    assertThat(wheel.hasCheckBefore(ms(999))).isFalse();
    assertThat(wheel.hasCheckBefore(ms(1_000))).isTrue();
    assertThat(wheel.hasCheckBefore(ms(40_000))).isTrue();
  }

  @Test
  void hasCheckBefore_checkIsDue_isTrueUntilItHasRun() {
    add(new RecordingTask(), ms(1_000));
    wheel.poll(ms(1_000));

    boolean isDue = wheel.hasCheckBefore(ms(1_000));
    runAt(1_000);

    assertThat(isDue).isTrue();
    assertThat(wheel.hasCheckBefore(ms(2_000))).isFalse();
  }

  @Test
  void rescheduleEarlier_earlierOrLaterDeadline_reportsTheEarlier() {
    WheelTimeout timeout = add(new RecordingTask(), ms(40_000));

    timeout.rescheduleEarlier(ms(2_000));
    timeout.rescheduleEarlier(ms(3_000));

    assertThat(scheduledNs).containsExactly(ms(40_000), ms(2_000));
  }

  @Test
  void advance_earlierDeadline_isCheckedThen() {
    RecordingTask task = new RecordingTask();
    WheelTimeout timeout = add(task, ms(40_000));

    timeout.rescheduleEarlier(ms(2_000));
    runAt(2_000);

    assertThat(task.checksNs).containsExactly(ms(2_000));
  }

  @Test
  void advance_laterDeadlineOrRemovedTimeout_doesNothing() {
    RecordingTask later = new RecordingTask();
    RecordingTask removed = new RecordingTask();
    WheelTimeout laterTimeout = add(later, ms(2_000));
    WheelTimeout removedTimeout = add(removed, ms(2_000));
    wheel.remove(removedTimeout);

    laterTimeout.rescheduleEarlier(ms(3_000));
    removedTimeout.rescheduleEarlier(ms(1_000));
    runAt(2_000);

    assertThat(later.checksNs).containsExactly(ms(2_000));
    assertThat(removed.checksNs).isEmpty();
    assertThat(wheel.tasks()).containsExactly(later);
  }

  @Test
  void pollAll_distantDeadlines_areChecked() {
    RecordingTask near = new RecordingTask();
    RecordingTask far = new RecordingTask();
    add(near, ms(1_000));
    add(far, ms(500_000));

    wheel.pollAll();
    boolean isMore = wheel.runDue(0, 2);

    assertThat(isMore).isFalse();
    assertThat(near.checksNs).hasSize(1);
    assertThat(far.checksNs).hasSize(1);
  }

  /** Compares with the specification: no check before its deadline or later than one poll. */
  @Test
  void poll_randomDeadlinesRemovalsAndPauses_missesNoDeadline() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    List<RecordingTask> tasks = new ArrayList<>();
    List<WheelTimeout> timeouts = new ArrayList<>();
    List<Long> deadlines = new ArrayList<>();
    long nowMs = 0;

    for (int step = 0; step < 2_000; step++) {
      RecordingTask task = new RecordingTask();
      long deadlineNs = ms(nowMs + random.nextInt(120_000));
      task.nextNs = deadlineNs;
      tasks.add(task);
      timeouts.add(add(task, deadlineNs));
      deadlines.add(deadlineNs);
      nowMs += random.nextInt(20) == 0 ? random.nextInt(70_000) : random.nextInt(300);
      runAt(nowMs);
      for (int i = 0; i < tasks.size(); i++) {
        boolean isOver = ms(nowMs) >= deadlines.get(i);
        if (isOver) {
          assertThat(tasks.get(i).checksNs).as("seed %d, task %d", seed, i).contains(ms(nowMs));
          wheel.remove(timeouts.get(i));
          tasks.remove(i);
          timeouts.remove(i);
          deadlines.remove(i);
          i--;
        }
      }
    }

    assertThat(wheel.tasks()).containsExactlyInAnyOrderElementsOf(tasks);
  }
}
