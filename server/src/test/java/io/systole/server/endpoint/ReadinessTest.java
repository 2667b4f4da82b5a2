// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.systole.server.endpoint.Readiness.WaitingTime;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Spec §4.6. */
class ReadinessTest {
  private final ManualClock clock = new ManualClock();
  private final Logger logger = (Logger) LoggerFactory.getLogger(Readiness.class);
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void recordLog() {
    log.start();
    logger.addAppender(log);
  }

  @AfterEach
  void detachLog() {
    logger.detachAppender(log);
  }

  @Test
  void guard_withoutWaitingTime_passesAtOnce() {
    AsyncRequestHandler guarded =
        new Readiness(clock, 0, 0).guard((request, callback) -> callback.send(Response.OK));

    assertThat(ResponseFuture.by(guarded, Requests.get(Map.of()))).isSameAs(Response.OK);
  }

  @Test
  void guard_duringTheWaitingTime_is403() {
    AsyncRequestHandler guarded =
        new Readiness(clock, 1_000, 0).guard((request, callback) -> callback.send(Response.OK));

    clock.advanceMs(999);
    Response early = ResponseFuture.by(guarded, Requests.get(Map.of()));
    clock.advanceMs(1);
    Response late = ResponseFuture.by(guarded, Requests.get(Map.of()));

    assertThat(early.status()).isEqualTo(403);
    assertThat(early.isBare()).isTrue();
    assertThat(late).isSameAs(Response.OK);
  }

  /** Leases of an earlier run could be read before their instances could renew them. */
  @Test
  void guard_afterARestore_waitsFromTheRestoreOn() {
    Readiness readiness = new Readiness(clock, 10_000, 1_000);
    AsyncRequestHandler guarded =
        readiness.guard((request, callback) -> callback.send(Response.OK));

    clock.advanceMs(500);
    readiness.markRestored();
    clock.advanceMs(999);
    Response early = ResponseFuture.by(guarded, Requests.get(Map.of()));
    clock.advanceMs(1);
    Response late = ResponseFuture.by(guarded, Requests.get(Map.of()));

    assertThat(early.status()).isEqualTo(403);
    assertThat(late).isSameAs(Response.OK);
  }

  @Test
  void guard_afterARestoreWithoutWaitingTime_passesAtOnce() {
    Readiness readiness = new Readiness(clock, 10_000, 0);
    AsyncRequestHandler guarded =
        readiness.guard((request, callback) -> callback.send(Response.OK));

    readiness.markRestored();

    assertThat(ResponseFuture.by(guarded, Requests.get(Map.of()))).isSameAs(Response.OK);
  }

  @Test
  void waitingTime_untilItsEnd_namesTheOptionAndTheEnd() {
    clock.stepWallTo(1_767_225_600_000L);
    Readiness readiness = new Readiness(clock, 10_000, 20_000);

    WaitingTime empty = Objects.requireNonNull(readiness.waitingTime());
    readiness.markRestored();
    WaitingTime restored = Objects.requireNonNull(readiness.waitingTime());
    long refusedUntilMs = readiness.refusedUntilMs();
    clock.advanceMs(20_000);

    assertThat(empty.reason()).contains("--wait-when-empty");
    assertThat(empty.untilMs()).isEqualTo(1_767_225_610_000L);
    assertThat(restored.reason()).contains("--wait-after-restore");
    assertThat(restored.untilMs()).isEqualTo(refusedUntilMs).isEqualTo(1_767_225_620_000L);
    assertThat(readiness.waitingTime()).isNull();
    assertThat(readiness.refusedUntilMs()).isZero();
  }

  @Test
  void watch_readsAreRefused_logsTheBeginAndTheEndOnce() {
    clock.stepWallTo(1_767_225_600_000L);
    Readiness readiness = new Readiness(clock, 10_000, 0);

    readiness.watch();
    readiness.watch();
    clock.advanceMs(10_000);
    readiness.watch();
    readiness.watch();

    assertThat(log.list)
        .extracting(ILoggingEvent::getFormattedMessage)
        .containsExactly(
            "reads of the registry are refused with 403 until=2026-01-01T00:00:10Z: the node"
                + " started without leases, see --wait-when-empty",
            "reads of the registry are served");
  }

  @Test
  void watch_registryOfAPeerWasLoaded_logsTheEnd() {
    Readiness readiness = new Readiness(clock, 10_000, 0);
    readiness.watch();

    readiness.markLoaded();
    readiness.watch();

    assertThat(log.list).hasSize(2);
  }

  @Test
  void watch_withoutWaitingTime_logsNothing() {
    Readiness readiness = new Readiness(clock, 0, 0);

    readiness.watch();

    assertThat(log.list).isEmpty();
  }
}
