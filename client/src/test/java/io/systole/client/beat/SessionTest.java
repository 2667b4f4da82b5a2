// SPDX-License-Identifier: Apache-2.0
package io.systole.client.beat;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.beat.Session.State;
import io.systole.client.beat.Session.Step;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionTest {
  private static final long NOW_MS = 1_795_206_403_391L;

  private final Session session = Sessions.session("A", "i");

  private void becomeAlive() {
    session.begin();
    session.register(NOW_MS);
    session.registerAnswered(204);
  }

  @Test
  void begin_newSession_asksToRegisterOnce() {
    Step first = session.begin();
    Step second = session.due(0);

    assertThat(first).isEqualTo(Step.CHANGE);
    assertThat(second).isEqualTo(Step.NOTHING);
    assertThat(session.nextChange()).isEqualTo(Ask.REGISTER);
  }

  @Test
  void register_document_carriesTheTimeAsDirtyTimestamp() {
    assertThat(session.register(NOW_MS).lastDirtyMs()).isEqualTo(NOW_MS);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 204})
  void registerAnswered_accepted_isAlive(int status) {
    session.begin();
    session.register(NOW_MS);

    Step step = session.registerAnswered(status);

    assertThat(step).isEqualTo(Step.NOTHING);
    assertThat(session.state()).isEqualTo(State.ALIVE);
  }

  @ParameterizedTest
  @ValueSource(ints = {400, 404, 415})
  void registerAnswered_refusedTheFirstTime_ends(int status) {
    session.begin();
    session.register(NOW_MS);

    Step step = session.registerAnswered(status);

    assertThat(step).isEqualTo(Step.END);
    assertThat(session.state()).isEqualTo(State.REFUSED);
  }

  @ParameterizedTest
  @ValueSource(ints = {408, 429, 500, 503})
  void registerAnswered_serverInTrouble_asksAgainOnTheNextTurn(int status) {
    session.begin();
    session.register(NOW_MS);

    Step step = session.registerAnswered(status);

    assertThat(step).isEqualTo(Step.NOTHING);
    assertThat(session.due(0)).isEqualTo(Step.CHANGE);
    assertThat(session.nextChange()).isEqualTo(Ask.REGISTER);
  }

  @Test
  void registerAnswered_refusedAfterItWasAlive_asksAgainOnTheNextTurn() {
    becomeAlive();
    session.due(0);
    session.beatAnswered(404);
    session.register(NOW_MS);

    Step step = session.registerAnswered(403);

    assertThat(step).isEqualTo(Step.NOTHING);
    assertThat(session.due(0)).isEqualTo(Step.CHANGE);
  }

  @Test
  void registerFailed_withoutAnswer_asksAgainAtOnce() {
    session.begin();
    session.register(NOW_MS);

    Step step = session.registerFailed();

    assertThat(step).isEqualTo(Step.CHANGE);
    assertThat(session.nextChange()).isEqualTo(Ask.REGISTER);
  }

  @Test
  void due_alive_beatsAndKeepsTheDueTime() {
    becomeAlive();

    Step step = session.due(77);

    assertThat(step).isEqualTo(Step.BEAT);
    assertThat(session.beatDueNs()).isEqualTo(77);
  }

  @Test
  void due_beatStillPending_isSkippedAndKeepsTheFirstDueTime() {
    becomeAlive();
    session.due(77);

    Step step = session.due(99);

    assertThat(step).isEqualTo(Step.SKIP);
    assertThat(session.beatDueNs()).isEqualTo(77);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 409, 500, 503})
  void beatAnswered_anythingBut404_staysAliveAndBeatsAgain(int status) {
    becomeAlive();
    session.due(0);

    Step step = session.beatAnswered(status);

    assertThat(step).isEqualTo(Step.NOTHING);
    assertThat(session.isAlive()).isTrue();
    assertThat(session.due(1)).isEqualTo(Step.BEAT);
  }

  @Test
  void beatFailed_withoutAnswer_staysAliveAndBeatsAgain() {
    becomeAlive();
    session.due(0);

    session.beatFailed();

    assertThat(session.isAlive()).isTrue();
    assertThat(session.due(1)).isEqualTo(Step.BEAT);
  }

  @ParameterizedTest
  @ValueSource(longs = {-86_400_000, 0, 5})
  void beatAnswered_404_registersWithLargerTimestampWhateverTheCalendarSays(long laterMs) {
    becomeAlive();
    session.due(0);

    Step step = session.beatAnswered(404);
    long lastDirtyMs = session.register(NOW_MS + laterMs).lastDirtyMs();

    assertThat(step).isEqualTo(Step.CHANGE);
    assertThat(lastDirtyMs).isEqualTo(Math.max(NOW_MS + 1, NOW_MS + laterMs));
    assertThat(session.lastDirtyMs()).isEqualTo(lastDirtyMs);
  }

  @Test
  void beatAnswered_404WhileRegisteringAnew_isIgnored() {
    becomeAlive();
    session.beatAnswered(404);
    session.register(NOW_MS);

    Step step = session.beatAnswered(404);

    assertThat(step).isEqualTo(Step.NOTHING);
    assertThat(session.state()).isEqualTo(State.REGISTERING);
  }

  @Test
  void cancel_neverSent_endsAtOnce() {
    session.begin();

    Step step = session.cancel();

    assertThat(step).isEqualTo(Step.END);
    assertThat(session.nextChange()).isNull();
  }

  @Test
  void cancel_alive_asksTheServer() {
    becomeAlive();

    Step step = session.cancel();

    assertThat(step).isEqualTo(Step.CHANGE);
    assertThat(session.nextChange()).isEqualTo(Ask.CANCEL);
  }

  @ParameterizedTest
  @ValueSource(ints = {204, 400, 503})
  void cancel_whileRegistering_waitsForTheAnswerAndThenCancels(int status) {
    session.begin();
    session.register(NOW_MS);
    Step atOnce = session.cancel();

    Step afterwards = session.registerAnswered(status);

    assertThat(atOnce).isEqualTo(Step.NOTHING);
    assertThat(afterwards).isEqualTo(Step.CHANGE);
    assertThat(session.nextChange()).isEqualTo(Ask.CANCEL);
  }

  @Test
  void cancel_whileRegisteringThatGotNoAnswer_cancelsForTheServerMayHoldALease() {
    session.begin();
    session.register(NOW_MS);
    session.cancel();

    Step step = session.registerFailed();

    assertThat(step).isEqualTo(Step.CHANGE);
    assertThat(session.nextChange()).isEqualTo(Ask.CANCEL);
  }

  @Test
  void cancel_waitingToRegisterAgain_cancelsForTheServerMayHoldALease() {
    session.begin();
    session.register(NOW_MS);
    session.registerFailed();

    Step step = session.cancel();

    assertThat(step).isEqualTo(Step.NOTHING);
    assertThat(session.nextChange()).isEqualTo(Ask.CANCEL);
  }

  @ParameterizedTest
  @ValueSource(ints = {200, 404})
  void cancelAnswered_leaseIsGone_ends(int status) {
    becomeAlive();
    session.cancel();

    Step step = session.cancelAnswered(status);

    assertThat(step).isEqualTo(Step.END);
    assertThat(session.isEnded()).isTrue();
  }

  @Test
  void cancelAnswered_serverInTrouble_asksAgainOnTheNextTurn() {
    becomeAlive();
    session.cancel();

    Step step = session.cancelAnswered(503);

    assertThat(step).isEqualTo(Step.NOTHING);
    assertThat(session.due(0)).isEqualTo(Step.CHANGE);
    assertThat(session.nextChange()).isEqualTo(Ask.CANCEL);
  }

  @Test
  void cancelFailed_withoutAnswer_asksAgainAtOnce() {
    becomeAlive();
    session.cancel();

    assertThat(session.cancelFailed()).isEqualTo(Step.CHANGE);
  }

  @Test
  void due_ended_doesNothing() {
    session.cancel();

    assertThat(session.due(0)).isEqualTo(Step.NOTHING);
  }

  @Test
  void tellEnd_cancelled_completesWhoWaits() {
    var cancelled = session.cancelled();
    session.cancel();

    session.tellEnd();

    assertThat(cancelled).isCompleted();
    assertThat(session.registered()).isCancelled();
  }
}
