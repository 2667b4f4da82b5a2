// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.api.FailureReason;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class RecorderTest {
  /** The window spans the overflow of the monotonic clock. */
  private static final long START_NS = Long.MAX_VALUE - 500;

  private static final long END_NS = Long.MIN_VALUE + 499;

  private static final long TIMEOUT_NS = TimeUnit.SECONDS.toNanos(5);

  private final Recorders recorders = new Recorders();
  private final Recorder one = recorders.add();
  private final Recorder two = recorders.add();

  private void beat(Recorder recorder, long dueNs, int status) {
    recorder.due(dueNs);
    recorder.answered(status, dueNs, dueNs + 1_000_000, dueNs + 3_000_000);
    recorder.bytesTransferred(0, 75);
  }

  @Test
  void answered_dueWithinTheWindow_countsThereHoweverLateTheResponse() {
    WindowStatsSet allStats = recorders.open(START_NS, END_NS);

    beat(one, START_NS - 1, 200);
    beat(one, START_NS, 200);
    beat(two, END_NS - 1, 404);
    beat(two, END_NS, 200);

    assertThat(allStats.due()).isEqualTo(2);
    assertThat(allStats.statuses()).isEqualTo(Map.of("200", 1L, "404", 1L));
    assertThat(recorders.answered()).isEqualTo(4);
    assertThat(recorders.snapshot().renewed()).isEqualTo(3);
    assertThat(allStats.open()).isZero();
  }

  @Test
  void openAhead_threadIsDelayedPastTheStart_startsLater() {
    Iterator<Long> times = List.of(START_NS + 7, START_NS + 8).iterator();
    one.due(START_NS + 5);

    WindowStatsSet allStats = recorders.openAhead(START_NS, 1_000, 100, () -> times.next());
    one.answered(200, START_NS + 5, START_NS + 6, START_NS + 200);
    one.bytesTransferred(0, 75);
    beat(one, START_NS + 107, 200);

    assertThat(allStats.startNs()).isEqualTo(START_NS + 107);
    assertThat(allStats.due()).isEqualTo(1);
    assertThat(allStats.open()).isZero();
  }

  @Test
  void openAhead_threadIsInTime_startsAtThatTime() {
    WindowStatsSet allStats = recorders.openAhead(START_NS, 1_000, 100, () -> START_NS - 1);

    assertThat(allStats.startNs()).isEqualTo(START_NS);
  }

  @Test
  void resent_heartbeat_isDueOnce() {
    WindowStatsSet allStats = recorders.open(START_NS, END_NS);
    one.due(START_NS);

    one.resent(START_NS);
    one.answered(200, START_NS, START_NS + 1, START_NS + 2);
    one.bytesTransferred(0, 75);

    assertThat(recorders.snapshot().resent()).isEqualTo(1);
    assertThat(recorders.snapshot().due()).isEqualTo(1);
    assertThat(allStats.due()).isEqualTo(1);
    assertThat(allStats.open()).isZero();
  }

  @Test
  void answered_manyInOneReadCycle_countsEachWithItsOwnStatusAndTimes() {
    WindowStatsSet allStats = recorders.open(START_NS, END_NS);
    for (int beats = 0; beats < 6; beats++) {
      one.due(START_NS + beats / 4);
    }

    one.answered(200, START_NS, sec(0), sec(0.002));
    one.answered(200, START_NS, sec(0), sec(0.002));
    one.answered(404, START_NS, sec(0), sec(0.002));
    one.answered(200, START_NS, sec(0), sec(0.002));
    one.answered(200, START_NS + 1, START_NS + 1, sec(0.002));
    one.answered(200, START_NS + 1, START_NS + 1, sec(0.005));
    one.bytesTransferred(0, 450);

    Histogram fromDue = Latencies.sum();
    allStats.addLatenciesTo(fromDue, Latencies.sum(), TIMEOUT_NS);
    assertThat(allStats.statuses()).isEqualTo(Map.of("200", 5L, "404", 1L));
    assertThat(allStats.open()).isZero();
    assertThat(fromDue.getTotalCount()).isEqualTo(6);
    assertThat(fromDue.getCountAtValue(2_000_000)).isEqualTo(5);
    assertThat(fromDue.getCountAtValue(5_000_000)).isEqualTo(1);
    assertThat(recorders.snapshot().renewed()).isEqualTo(5);
    assertThat(recorders.takeLatencies().getTotalCount()).isEqualTo(6);
  }

  @Test
  void due_beforeAnyWindow_isInNone() {
    beat(one, 5, 200);

    WindowStatsSet allStats = recorders.open(START_NS, END_NS);
    assertThat(allStats.due()).isZero();
    assertThat(recorders.answered()).isEqualTo(1);
  }

  @Test
  void windowOpen_beatWithoutEnd_isCounted() {
    WindowStatsSet allStats = recorders.open(START_NS, END_NS);
    one.due(START_NS);
    one.due(START_NS + 1);

    one.failed(FailureReason.TIMED_OUT, START_NS);

    assertThat(allStats.open()).isEqualTo(1);
    assertThat(allStats.failures()).isEqualTo(Map.of("TIMED_OUT", 1L));
  }

  @Test
  void addLatencies_severalLoops_countFromDueAndFromSent() {
    WindowStatsSet allStats = recorders.open(START_NS, END_NS);
    beat(one, START_NS, 200);
    beat(one, START_NS + 1, 200);
    beat(two, START_NS + 2, 200);
    Histogram fromDue = Latencies.sum();
    Histogram fromSent = Latencies.sum();

    allStats.addLatenciesTo(fromDue, fromSent, TIMEOUT_NS);

    assertThat(fromDue.getTotalCount()).isEqualTo(3);
    assertThat(fromDue.valuesAreEquivalent(fromDue.getMaxValue(), 3_000_000)).isTrue();
    assertThat(fromSent.valuesAreEquivalent(fromSent.getMaxValue(), 2_000_000)).isTrue();
  }

  private static long sec(double secs) {
    return START_NS + (long) (secs * TimeUnit.SECONDS.toNanos(1));
  }

  @Test
  void addLatencies_beatsWithoutResponse_enterAtTheirLowerBound() {
    WindowStatsSet allStats = recorders.open(START_NS, sec(10));
    for (int beats = 0; beats < 81; beats++) {
      beat(one, sec(1), 200);
    }
    for (int beats = 0; beats < 16; beats++) {
      one.due(sec(9));
      one.failed(FailureReason.NOT_SENT, sec(9));
    }
    one.due(sec(1));
    one.failed(FailureReason.CONNECTION_LOST, sec(1));
    one.due(sec(9.9));
    one.failed(FailureReason.TIMED_OUT, sec(9.9));
    one.due(sec(9.9));
    Histogram fromDue = Latencies.sum();
    Histogram fromSent = Latencies.sum();

    allStats.addLatenciesTo(fromDue, fromSent, TIMEOUT_NS);

    assertThat(fromDue.getTotalCount()).isEqualTo(100);
    assertThat(fromDue.getValueAtPercentile(81) / 1e6).isBetween(2.9, 3.1);
    assertThat(fromDue.getValueAtPercentile(90) / 1e6).isBetween(980.0, 1_001.0);
    assertThat(fromDue.getCountAtValue(TIMEOUT_NS)).isEqualTo(3);
    assertThat(fromSent.getTotalCount()).isEqualTo(82);
    assertThat(fromSent.getCountAtValue(TIMEOUT_NS)).isEqualTo(1);
  }

  @Test
  void addLatencies_windowThatEndedEarlier_boundsByItsEnd() {
    WindowStatsSet allStats = recorders.open(START_NS, sec(10));
    one.due(sec(1));
    one.failed(FailureReason.NOT_SENT, sec(1));
    allStats.end(sec(2));
    Histogram fromDue = Latencies.sum();

    allStats.addLatenciesTo(fromDue, Latencies.sum(), TIMEOUT_NS);

    assertThat(fromDue.getMaxValue() / 1e6).isBetween(990.0, 1_001.0);
  }

  @Test
  void renewedWithin_byTheTimeOfTheResponse_whateverTheTimeOfTheBeat() {
    WindowStatsSet allStats = recorders.open(START_NS, sec(1));

    one.answered(200, sec(-1), sec(-1), sec(0.5));
    one.answered(200, sec(0.5), sec(0.5), sec(0.6));
    one.answered(404, sec(0.5), sec(0.5), sec(0.6));
    one.answered(200, sec(0.9), sec(0.9), sec(1.1));
    one.bytesTransferred(0, 300);

    assertThat(allStats.renewedWithin()).isEqualTo(2);
    assertThat(allStats.statuses()).containsEntry("200", 2L);
  }

  @Test
  void responseGaps_stallAmongManyResponses_weighsAsLongAsItWas() {
    WindowStatsSet allStats = recorders.open(START_NS, sec(1));
    for (int ms = 0; ms < 800; ms++) {
      one.answered(200, sec(ms / 1e3), sec(ms / 1e3), sec((ms + 0.5) / 1e3));
    }
    one.answered(200, sec(0.8), sec(0.8), sec(1));
    one.bytesTransferred(0, 75);

    Histogram gaps = allStats.responseGaps();

    assertThat(gaps.getTotalCount()).isEqualTo(2_000);
    assertThat(gaps.getValueAtPercentile(95) / 1e6).isBetween(98.0, 102.0);
  }

  @Test
  void snapshot_whileTheLoopCounts_showsNoResponseThatWasNot200() throws Exception {
    Thread loop = new Thread(() -> {
      while (!Thread.currentThread().isInterrupted()) {
        beat(one, 0, 200);
      }
    });
    loop.start();
    await().until(() -> recorders.answered() > 0);

    List<StatsSnapshot> snapshots =
        IntStream.range(0, 2_000).mapToObj(index -> recorders.snapshot()).toList();

    loop.interrupt();
    loop.join();
    assertThat(snapshots).allSatisfy(snapshot -> {
      assertThat(snapshot.renewed()).isEqualTo(snapshot.answered());
      assertThat(snapshot.due()).isGreaterThanOrEqualTo(snapshot.answered());
    });
  }

  @Test
  void registrationsFailed_byReason_namesThoseThatHappened() {
    one.registrationFailed(FailureReason.TIMED_OUT);
    two.registrationFailed(FailureReason.TIMED_OUT);
    two.registrationFailed(FailureReason.CONNECTION_LOST);

    assertThat(recorders.registrationsFailed())
        .isEqualTo(Map.of("TIMED_OUT", 2L, "CONNECTION_LOST", 1L));
  }

  @Test
  void open_anotherWindow_countsNoLongerForTheFirst() {
    WindowStatsSet first = recorders.open(START_NS, START_NS + 10);
    one.due(START_NS);
    WindowStatsSet second = recorders.open(START_NS + 10, END_NS);

    one.answered(200, START_NS, START_NS, START_NS + 20);
    one.bytesTransferred(0, 75);
    beat(one, START_NS + 15, 200);

    assertThat(first.open()).isEqualTo(1);
    assertThat(second.statuses()).isEqualTo(Map.of("200", 1L));
    assertThat(second.open()).isZero();
  }

  @Test
  void end_earlierThanPlanned_leavesOutWhatIsDueLater() {
    WindowStatsSet allStats = recorders.open(START_NS, END_NS);
    beat(one, START_NS, 200);

    allStats.end(START_NS + 10);
    beat(one, START_NS + 9, 200);
    beat(one, START_NS + 10, 200);

    assertThat(allStats.due()).isEqualTo(2);
  }

  @Test
  void takeLatencies_twice_areThoseInBetween() {
    beat(one, 0, 200);
    beat(two, 0, 200);
    one.bytesTransferred(0, 100);
    two.bytesTransferred(0, 100);
    long first = recorders.takeLatencies().getTotalCount();
    beat(one, 0, 200);
    one.bytesTransferred(0, 100);

    Histogram second = recorders.takeLatencies();

    assertThat(first).isEqualTo(2);
    assertThat(second.getTotalCount()).isEqualTo(1);
    assertThat(second.valuesAreEquivalent(second.getMaxValue(), 3_000_000)).isTrue();
  }

  @Test
  void loopWokeUp_late_isTheLongestOnceAndBusyIsCounted() {
    one.loopWokeUp(0, 3_000_000);
    two.loopWokeUp(0, 1_000_000);

    long longestNs = recorders.takeLagMaxNs();

    assertThat(longestNs).isEqualTo(3_000_000);
    assertThat(recorders.takeLagMaxNs()).isZero();
    assertThat(recorders.times()).extracting(ThreadTimes::ranNs).hasSize(2).allMatch(ns -> ns > 0);
  }

  @Test
  void latencies_outOfRange_countAsTheBound() {
    Latencies latencies = new Latencies();
    Histogram sum = Latencies.sum();

    latencies.record(-5, 1);
    latencies.record(TimeUnit.DAYS.toNanos(1), 1);
    latencies.addTo(sum);

    assertThat(sum.getTotalCount()).isEqualTo(2);
    assertThat(sum.valuesAreEquivalent(sum.getMaxValue(), TimeUnit.HOURS.toNanos(1)))
        .isTrue();
  }

  @Test
  void registrationRefused_sameMessage_isOneEntryWithACount() {
    for (int times = 0; times < 1000; times++) {
      one.registrationRefused(400, "Missing hostname");
      two.registrationRefused(400, "Missing hostname");
    }

    assertThat(recorders.refusals()).isEqualTo(Map.of("400 Missing hostname", 2000L));
  }

  @Test
  void registrationRefused_manyMessages_areBoundedAndAllCounted() {
    for (int times = 0; times < 1000; times++) {
      one.registrationRefused(400, "no " + times);
    }

    assertThat(recorders.refusals()).hasSize(17);
    assertThat(recorders.refusals().values().stream().mapToLong(count -> count).sum())
        .isEqualTo(1000);
  }
}
