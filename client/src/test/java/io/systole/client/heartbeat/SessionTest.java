// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.api.RegistrationState;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
  private static final long NOW_MS = 1_795_206_403_391L;

  private static final String NO = "no";

  private final Session session = Sessions.session("A", "i");

  private void becomeAlive() {
    session.begin();
    session.register(NOW_MS);
    session.registerAccepted(0);
  }

  @Test
  void begin_newSession_registersOnce() {
    SessionAction first = session.begin();
    SessionAction second = session.due(0);

    assertThat(first).isEqualTo(SessionAction.CHANGE);
    assertThat(second).isEqualTo(SessionAction.NOTHING);
    assertThat(session.nextChange()).isEqualTo(RequestType.REGISTER);
  }

  @Test
  void register_document_carriesDirtyTimestamp() {
    assertThat(session.register(NOW_MS).lastDirtyMs()).isEqualTo(NOW_MS);
  }

  @Test
  void registerAccepted_firstTime_isAlive() {
    session.begin();
    session.register(NOW_MS);

    SessionAction action = session.registerAccepted(0);

    assertThat(action).isEqualTo(SessionAction.NOTHING);
    assertThat(session.state()).isEqualTo(RegistrationState.ALIVE);
    assertThat(session.listeners().registered()).isCompleted();
  }

  @Test
  void registerRejected_firstTime_ends() {
    session.begin();
    session.register(NOW_MS);

    SessionAction action = session.registerRejected(400, NO, new Exception(NO));

    assertThat(action).isEqualTo(SessionAction.END);
    assertThat(session.state()).isEqualTo(RegistrationState.REJECTED);
    assertThat(session.listeners().registered()).isCompletedExceptionally();
  }

  @Test
  void registerRejected_afterAlive_isRetriedLater() {
    becomeAlive();
    session.due(0);
    session.beatAnswered(404, 0);
    session.register(NOW_MS);

    SessionAction action = session.registerRejected(403, NO, new Exception(NO));

    assertThat(action).isEqualTo(SessionAction.CHANGE_LATER);
    assertThat(session.state()).isEqualTo(RegistrationState.LOST);
    assertThat(session.retry()).isTrue();
    assertThat(session.nextChange()).isEqualTo(RequestType.REGISTER);
  }

  @Test
  void registerFailed_serverError_isRetriedLater() {
    session.begin();

    for (int attempt = 1; attempt <= 40; attempt++) {
      session.register(NOW_MS);

      assertThat(session.registerFailed(false)).isEqualTo(SessionAction.CHANGE_LATER);
      assertThat(session.attempts()).isEqualTo(Math.min(30, attempt));
      assertThat(session.due(0)).isEqualTo(SessionAction.NOTHING);
      assertThat(session.retry()).isTrue();
    }
    session.register(NOW_MS);
    session.registerAccepted(0);
    assertThat(session.attempts()).isZero();
  }

  @Test
  void registerFailed_connectionLost_isRetriedAtOnceThenLater() {
    session.begin();
    session.register(NOW_MS);

    SessionAction first = session.registerFailed(true);
    RequestType requestType = session.nextChange();
    session.register(NOW_MS);
    SessionAction second = session.registerFailed(true);

    assertThat(first).isEqualTo(SessionAction.CHANGE);
    assertThat(requestType).isEqualTo(RequestType.REGISTER);
    assertThat(second).isEqualTo(SessionAction.CHANGE_LATER);
  }

  @Test
  void due_alive_sendsHeartbeat() {
    becomeAlive();

    SessionAction action = session.due(77);

    assertThat(action).isEqualTo(SessionAction.BEAT);
    assertThat(session.beatDueNs()).isEqualTo(77);
  }

  @Test
  void due_heartbeatPending_isSkipped() {
    becomeAlive();
    session.due(77);

    SessionAction action = session.due(99);

    assertThat(action).isEqualTo(SessionAction.SKIP);
    assertThat(session.beatDueNs()).isEqualTo(77);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 409, 500, 503})
  void beatAnswered_anythingBut404_staysAlive(int status) {
    becomeAlive();
    session.due(0);

    SessionAction action = session.beatAnswered(status, 0);

    assertThat(action).isEqualTo(SessionAction.NOTHING);
    assertThat(session.isAlive()).isTrue();
    assertThat(session.due(1)).isEqualTo(SessionAction.BEAT);
  }

  @Test
  void beatFailed_staysAlive() {
    becomeAlive();
    session.due(0);

    session.beatFailed();

    assertThat(session.isAlive()).isTrue();
    assertThat(session.due(1)).isEqualTo(SessionAction.BEAT);
  }

  @ParameterizedTest
  @ValueSource(longs = {-86_400_000, 0, 5})
  void beatAnswered_404_registersWithLargerTimestampForAnyWallClock(long laterMs) {
    becomeAlive();
    session.due(0);

    SessionAction action = session.beatAnswered(404, 0);
    long lastDirtyMs = session.register(NOW_MS + laterMs).lastDirtyMs();

    assertThat(action).isEqualTo(SessionAction.CHANGE);
    assertThat(lastDirtyMs).isEqualTo(Math.max(NOW_MS + 1, NOW_MS + laterMs));
    assertThat(session.lastDirtyMs()).isEqualTo(lastDirtyMs);
  }

  @Test
  void beatAnswered_404WhileReregistering_isIgnored() {
    becomeAlive();
    session.beatAnswered(404, 0);
    session.register(NOW_MS);

    SessionAction action = session.beatAnswered(404, 0);

    assertThat(action).isEqualTo(SessionAction.NOTHING);
    assertThat(session.state()).isEqualTo(RegistrationState.LOST);
  }

  @Test
  void cancel_neverSent_endsAtOnce() {
    session.begin();

    SessionAction action = session.cancel();

    assertThat(action).isEqualTo(SessionAction.END);
    assertThat(session.nextChange()).isNull();
  }

  @Test
  void cancel_alive_sendsCancel() {
    becomeAlive();

    SessionAction action = session.cancel();

    assertThat(action).isEqualTo(SessionAction.CHANGE);
    assertThat(session.nextChange()).isEqualTo(RequestType.CANCEL);
  }

  static Stream<Function<Session, SessionAction>> ends() {
    return Stream.of(
        session -> session.registerAccepted(0),
        session -> session.registerRejected(400, NO, new Exception(NO)),
        session -> session.registerFailed(false),
        session -> session.registerFailed(true));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void cancel_whileRegistering_cancelsAfterwards(Function<Session, SessionAction> end) {
    session.begin();
    session.register(NOW_MS);
    SessionAction atOnce = session.cancel();

    SessionAction afterwards = end.apply(session);

    assertThat(atOnce).isEqualTo(SessionAction.NOTHING);
    assertThat(afterwards).isEqualTo(SessionAction.CHANGE);
    assertThat(session.nextChange()).isEqualTo(RequestType.CANCEL);
    assertThat(session.inFlightChange()).isEqualTo(RequestType.CANCEL);
  }

  @Test
  void cancel_whileDeferred_cancelsAtOnce() {
    session.begin();
    session.register(NOW_MS);
    session.registerFailed(false);

    SessionAction action = session.cancel();

    assertThat(action).isEqualTo(SessionAction.CHANGE);
    assertThat(session.nextChange()).isEqualTo(RequestType.CANCEL);
    assertThat(session.retry()).as("that wait is forgotten").isFalse();
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 404})
  void cancelAnswered_404_ends(int status) {
    becomeAlive();
    session.cancel();

    SessionAction action = session.cancelAnswered(status);

    assertThat(action).isEqualTo(SessionAction.END);
    assertThat(session.isEnded()).isTrue();
  }

  @Test
  void cancelAnswered_serverError_isRetriedLater() {
    becomeAlive();
    session.cancel();

    SessionAction action = session.cancelAnswered(503);

    assertThat(action).isEqualTo(SessionAction.CHANGE_LATER);
    assertThat(session.nextChange()).isEqualTo(RequestType.CANCEL);
  }

  @Test
  void cancelFailed_connectionLost_isRetriedAtOnce() {
    becomeAlive();
    session.cancel();

    assertThat(session.cancelFailed(true)).isEqualTo(SessionAction.CHANGE);
  }

  @Test
  void due_ended_doesNothing() {
    session.cancel();

    assertThat(session.due(0)).isEqualTo(SessionAction.NOTHING);
  }

  @Test
  void completeIfEnded_cancelled_completesFuture() {
    var ended = session.ended();
    session.cancel();

    session.completeIfEnded();

    assertThat(ended).isCompleted();
    assertThat(session.listeners().registered()).isCancelled();
  }

  @Test
  void abandon_cancelling_completesFuture() {
    becomeAlive();
    var ended = session.ended();
    session.cancel();

    session.abandon();

    assertThat(ended).isCancelled();
    assertThat(session.state()).isEqualTo(RegistrationState.ABANDONED);
  }

  @Test
  void retryBeat_limitReached_waitsForNextInterval() {
    becomeAlive();
    session.due(1);
    for (int again = 0; again < Session.BEAT_RETRIES_MAX; again++) {
      session.beatFailed();
      assertThat(session.retryBeat(2 + again)).isEqualTo(SessionAction.BEAT);
    }
    session.beatFailed();

    SessionAction tooOften = session.retryBeat(8);
    session.due(9);
    session.beatFailed();
    SessionAction inTheNextTurn = session.retryBeat(10);

    assertThat(tooOften).isEqualTo(SessionAction.NOTHING);
    assertThat(inTheNextTurn).isEqualTo(SessionAction.BEAT);
    assertThat(session.beatDueNs()).isEqualTo(10);
  }

  @Test
  void retryBeat_notAliveOrAnotherPending_doesNothing() {
    SessionAction unregistered = session.retryBeat(1);
    becomeAlive();
    session.due(2);

    SessionAction pending = session.retryBeat(3);

    assertThat(unregistered).isEqualTo(SessionAction.NOTHING);
    assertThat(pending).isEqualTo(SessionAction.NOTHING);
    assertThat(session.beatDueNs()).isEqualTo(2);
  }

  @Test
  void beatUnprocessed_tooOften_isNotSentAgain() {
    Session session = Sessions.session("A", "i");
    Sessions.accept(session, 7);
    session.due(5);

    for (int resend = 0; resend < Session.UNPROCESSED_MAX; resend++) {
      assertThat(session.beatUnprocessed(5)).isEqualTo(SessionAction.BEAT);
    }

    assertThat(session.beatUnprocessed(5)).isEqualTo(SessionAction.NOTHING);
    assertThat(session.beatDueNs()).isEqualTo(5);
  }

  @Test
  void beatUnprocessed_ofOtherInterval_isNotSentAgain() {
    Session session = Sessions.session("A", "i");
    Sessions.accept(session, 7);
    session.due(5);
    session.beatAnswered(200, 6);

    assertThat(session.beatUnprocessed(5)).isEqualTo(SessionAction.NOTHING);
  }

  /** A supplier that throws once must not end an instance that was accepted before. */
  @Test
  void registerUnavailable_acceptedBefore_isRetried() {
    Session session = Sessions.session("A", "i");
    Sessions.accept(session, 7);
    session.due(5);
    session.beatAnswered(404, 6);
    session.register(8);

    SessionAction action = session.registerUnavailable(new IllegalStateException("no document"));

    assertThat(action).isEqualTo(SessionAction.CHANGE_LATER);
    assertThat(session.isEnded()).isFalse();
  }
}
