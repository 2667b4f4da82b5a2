// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.heartbeat.CallbackFailures;
import io.systole.client.heartbeat.FrameBuffer;
import io.systole.client.heartbeat.HeartbeatTimerWheel;
import io.systole.client.heartbeat.RegistrationEncoder;
import io.systole.client.heartbeat.Session;
import io.systole.client.heartbeat.Sessions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RegistrationQueueTest {
  private static final int PER_SEC = 500;
  private static final int BURST = PER_SEC / 10;
  private static final int RETRY_MIN_MS = 1_000;
  private static final int RETRY_MAX_MS = 30_000;
  private static final long SEED = 42;

  private final OverflowingClock clock = new OverflowingClock();
  private final FrameBuffer frames = new FrameBuffer();
  private final SessionSet all = new SessionSet(null);
  private final RegistrationQueue changes = changes(64, PER_SEC);

  private RegistrationQueue changes(int inFlightMax, int perSec) {
    ClientConfig config = new ClientBuilder()
        .retryDelay(Duration.ofMillis(RETRY_MIN_MS), Duration.ofMillis(RETRY_MAX_MS))
        .config();
    return changes(config, new ClientConfig.Share(1, inFlightMax, perSec));
  }

  private RegistrationQueue changes(ClientConfig config, ClientConfig.Share share) {
    return new RegistrationQueue(
        new RegistrationEncoder("/v2", ""),
        config,
        share,
        clock,
        HeartbeatListener.NONE,
        all,
        new CallbackFailures(),
        new SplittableRandom(SEED));
  }

  private List<Session> begin(RegistrationQueue to, int count) {
    List<Session> begun = new ArrayList<>();
    for (int index = 0; index < count; index++) {
      Session session = Sessions.session("A", "i" + index);
      begun.add(session);
      all.add(session);
      to.perform(session, session.begin());
    }
    return begun;
  }

  private List<Session> startAll(RegistrationQueue from) {
    frames.clear();
    List<Session> started = new ArrayList<>();
    Session session = from.next(frames, clock.monotonicNs());
    while (session != null) {
      started.add(session);
      session = from.next(frames, clock.monotonicNs());
    }
    return started;
  }

  private int acceptAll() {
    int accepted = 0;
    List<Session> started = startAll(changes);
    while (!started.isEmpty()) {
      for (Session session : started) {
        changes.registerAnswered(session, 204, () -> "", 0, 0, clock.monotonicNs());
      }
      accepted += started.size();
      started = startAll(changes);
    }
    return accepted;
  }

  @Test
  void next_allInstancesLost_registersAllAtRate() {
    List<Session> fleet = begin(changes, 2_000);
    int burst = acceptAll();

    List<Integer> perSecond = new ArrayList<>();
    for (int second = 0; second < 4; second++) {
      int accepted = 0;
      for (int ms = 0; ms < 1000; ms++) {
        clock.passMs(1);
        accepted += acceptAll();
      }
      perSecond.add(accepted);
    }

    assertThat(burst).isEqualTo(BURST);
    assertThat(perSecond).containsExactly(PER_SEC, PER_SEC, PER_SEC, 2_000 - 3 * PER_SEC - BURST);
    assertThat(fleet).allMatch(Session::isAlive);
    assertThat(changes.isIdle()).isTrue();
  }

  @Test
  void next_withoutRateLimit_isLimitedByInFlight() {
    RegistrationQueue unlimited = changes(3, 0);
    List<Session> sessions = begin(unlimited, 10);

    List<Session> first = startAll(unlimited);
    unlimited.registerAnswered(sessions.get(0), 204, () -> "", 0, 0, 0);
    List<Session> second = startAll(unlimited);

    assertThat(first).containsExactlyElementsOf(sessions.subList(0, 3));
    assertThat(second).containsExactly(sessions.get(3));
    assertThat(unlimited.waiting()).isEqualTo(6);
  }

  @Test
  void wakeNs_limitedByRate_isTimeOfNext() {
    begin(changes, BURST + 1);
    acceptAll();

    long waitNs = changes.wakeNs() - clock.monotonicNs();

    assertThat(waitNs).isEqualTo(TimeUnit.SECONDS.toNanos(1) / PER_SEC);
  }

  @Test
  void wakeNs_limitedByInFlight_isNever() {
    RegistrationQueue narrow = changes(1, PER_SEC);
    begin(narrow, 2);
    startAll(narrow);

    assertThat(narrow.wakeNs()).isEqualTo(HeartbeatTimerWheel.NEVER);
  }

  @Test
  void registerAnswered_serverError_backsOff() {
    Session session = begin(changes, 1).get(0);
    int stepMs = RETRY_MIN_MS;

    for (int attempt = 0; attempt < 40; attempt++) {
      assertThat(startAll(changes)).containsExactly(session);
      changes.registerAnswered(session, 503, () -> "busy", 0, 0, 0);
      long waitMs = TimeUnit.NANOSECONDS.toMillis(changes.wakeNs() - clock.monotonicNs());

      assertThat(waitMs).as("seed %d attempt %d", SEED, attempt).isBetween(stepMs / 2L, (long)
          stepMs);
      clock.passMs(waitMs - 1);
      changes.requeueDue(clock.monotonicNs());
      assertThat(startAll(changes)).isEmpty();
      clock.passMs(1);
      changes.requeueDue(clock.monotonicNs());
      stepMs = Math.min(RETRY_MAX_MS, 2 * stepMs);
    }
  }

  @Test
  void registerAnswered_retryAfterPerInstance_delaysOnlyThisRegistration() {
    ClientConfig config = new ClientBuilder()
        .retryAfterPerInstance(true)
        .retryAfterMax(Duration.ofSeconds(10))
        .config();
    RegistrationQueue queue = changes(config, new ClientConfig.Share(1, 64, PER_SEC));
    List<Session> sessions = begin(queue, 3);
    startAll(queue);
    queue.registerAnswered(sessions.get(0), 503, () -> "busy", 7_000, 0, 0);
    queue.registerAnswered(sessions.get(1), 503, () -> "busy", 60_000, 0, 0);
    queue.registerAnswered(sessions.get(2), 503, () -> "busy", 0, 0, 0);
    List<Session> retried = new ArrayList<>();
    List<Integer> atSecs = new ArrayList<>();

    for (int secs = 1; secs <= 10; secs++) {
      clock.passMs(1_000);
      queue.requeueDue(clock.monotonicNs());
      for (Session session : startAll(queue)) {
        retried.add(session);
        atSecs.add(secs);
      }
    }

    assertThat(retried).containsExactly(sessions.get(2), sessions.get(0), sessions.get(1));
    assertThat(atSecs).containsExactly(1, 7, 10);
  }

  @Test
  void registerFailed_manyTogether_areRetriedApart() {
    List<Session> sessions = begin(changes, BURST);
    startAll(changes);
    sessions.forEach(session -> changes.registerFailed(session, FailureReason.TIMED_OUT));
    List<Integer> returned = new ArrayList<>();

    for (int tenth = 0; tenth < 10; tenth++) {
      clock.passMs(RETRY_MIN_MS / 10);
      changes.requeueDue(clock.monotonicNs());
      returned.add(startAll(changes).size());
    }

    assertThat(returned.subList(0, 4)).containsOnly(0);
    assertThat(returned.stream().mapToInt(Integer::intValue).sum()).isEqualTo(BURST);
    assertThat(returned).as("seed %d", SEED).allMatch(count -> count < BURST / 2);
  }

  @Test
  void registerUnprocessed_repeatedly_isSentFirstUntilLimit() {
    List<Session> sessions = begin(changes, 2);
    startAll(changes);
    changes.registerAnswered(sessions.get(1), 204, () -> "", 0, 0, 0);

    for (int resend = 0; resend < 8; resend++) {
      changes.registerUnprocessed(sessions.get(0));
      assertThat(startAll(changes)).containsExactly(sessions.get(0));
    }
    changes.registerUnprocessed(sessions.get(0));
    List<Session> atOnce = startAll(changes);
    changes.registerFailed(sessions.get(0), FailureReason.CONNECTION_LOST);

    assertThat(atOnce).containsExactly(sessions.get(0));
    assertThat(startAll(changes)).isEmpty();
    assertThat(changes.waiting()).isEqualTo(1);
  }

  @Test
  void cancelUnprocessed_isSentAgain() {
    Session session = begin(changes, 1).get(0);
    startAll(changes);
    changes.registerAnswered(session, 204, () -> "", 0, 0, 0);
    changes.perform(session, session.cancel());
    startAll(changes);

    changes.cancelUnprocessed(session);

    assertThat(startAll(changes)).containsExactly(session);
  }

  @Test
  void cancel_whileDeferred_isSentOnceAtOnce() {
    Session session = begin(changes, 1).get(0);
    startAll(changes);
    changes.registerFailed(session, FailureReason.TIMED_OUT);

    changes.perform(session, session.cancel());
    List<Session> atOnce = startAll(changes);
    clock.passMs(RETRY_MIN_MS);
    changes.requeueDue(clock.monotonicNs());
    List<Session> later = startAll(changes);
    changes.cancelAnswered(session, 200);

    assertThat(atOnce).containsExactly(session);
    assertThat(later).isEmpty();
    assertThat(all.size()).isZero();
    assertThat(changes.isIdle()).isTrue();
  }

  @Test
  void next_supplierThrows_consumesNoToken() {
    RegistrationQueue narrow = changes(64, 1);
    Session failing = Session.of(
        lastDirtyMs -> {
          throw new IllegalStateException("no document");
        },
        Sessions.source("A", "i").instance(0),
        null,
        null);
    all.add(failing);
    narrow.perform(failing, failing.begin());
    List<Session> others = begin(narrow, 1);

    List<Session> started = startAll(narrow);

    assertThat(started).isEqualTo(others);
    assertThat(failing.isEnded()).isTrue();
  }
}
