// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationState;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** The updates of a session. */
class UpdateTest {
  private static final String NO = "no";

  private final Session session = Sessions.session("A", "i");
  private final HeartbeatEncoder encoder = new HeartbeatEncoder("/v2", "");

  private CompletableFuture<Void> update(
      UnaryOperator<InstanceSupplier> change, SessionAction expected) {
    var done = new CompletableFuture<Void>();
    assertThat(session.update(change, done)).isEqualTo(expected);
    return done;
  }

  private CompletableFuture<Void> status(InstanceStatus status, SessionAction expected) {
    return update(InstanceUpdate.status(status), expected);
  }

  private String beat() {
    FrameBuffer buffer = new FrameBuffer();
    encoder.write(session, buffer);
    String text = new String(buffer.bytes(), 0, buffer.length(), StandardCharsets.US_ASCII);
    return text.substring(text.indexOf('?') + 1, text.indexOf(" HTTP"));
  }

  private void becomeAlive() {
    session.begin();
    Sessions.accept(session, 10);
  }

  @Test
  void update_alive_registersTheNewDocumentWithANewerTimestamp() {
    becomeAlive();

    CompletableFuture<Void> done = status(InstanceStatus.DOWN, SessionAction.CHANGE);
    RequestType requestType = session.nextChange();
    InstanceInfo document = session.register(10);

    assertThat(requestType).isEqualTo(RequestType.REGISTER);
    assertThat(document.status()).isEqualTo(InstanceStatus.DOWN);
    assertThat(document.lastDirtyMs()).isEqualTo(11);
    assertThat(done).isNotDone();
    assertThat(session.registerAccepted(0)).isEqualTo(SessionAction.NOTHING);
    assertThat(done).isCompleted();
  }

  @Test
  void update_inFlight_keepsHeartbeatsUnchanged() {
    becomeAlive();
    status(InstanceStatus.DOWN, SessionAction.CHANGE);
    String before = beat();
    session.register(20);

    SessionAction due = session.due(5);
    String meanwhile = beat();
    session.registerAccepted(0);

    assertThat(before).isEqualTo("status=UP&lastDirtyTimestamp=10");
    assertThat(due).isEqualTo(SessionAction.BEAT);
    assertThat(session.state()).isEqualTo(RegistrationState.ALIVE);
    assertThat(meanwhile).isEqualTo(before);
    assertThat(beat()).isEqualTo("status=DOWN&lastDirtyTimestamp=20");
  }

  @Test
  void update_many_areCombined() {
    becomeAlive();
    List<CompletableFuture<Void>> all = new ArrayList<>();
    all.add(status(InstanceStatus.DOWN, SessionAction.CHANGE));
    for (int index = 0; index < 100; index++) {
      Map<String, String> metadata = Map.of("k", "v" + index);
      all.add(update(InstanceUpdate.metadata(metadata), SessionAction.NOTHING));
    }

    InstanceInfo document = session.register(20);
    SessionAction after = session.registerAccepted(0);

    assertThat(document.status()).isEqualTo(InstanceStatus.DOWN);
    assertThat(document.metadata()).isEqualTo(Map.of("k", "v99"));
    assertThat(after).isEqualTo(SessionAction.NOTHING);
    assertThat(all).allMatch(CompletableFuture::isDone);
  }

  @Test
  void update_duringRegistration_waitsForNext() {
    becomeAlive();
    CompletableFuture<Void> first = status(InstanceStatus.DOWN, SessionAction.CHANGE);
    session.register(20);
    CompletableFuture<Void> second = status(InstanceStatus.STARTING, SessionAction.NOTHING);

    SessionAction after = session.registerAccepted(0);

    assertThat(first).isCompleted();
    assertThat(second).isNotDone();
    assertThat(after).isEqualTo(SessionAction.CHANGE);
    assertThat(session.register(20).status()).isEqualTo(InstanceStatus.STARTING);
    session.registerAccepted(0);
    assertThat(second).isCompleted();
  }

  @Test
  void update_registrationFails_isCarriedByNext() {
    becomeAlive();
    CompletableFuture<Void> first = status(InstanceStatus.DOWN, SessionAction.CHANGE);
    session.register(20);
    CompletableFuture<Void> second =
        update(InstanceUpdate.metadata(Map.of("k", "v")), SessionAction.NOTHING);

    SessionAction after = session.registerFailed(false);
    boolean isAlive = session.isAlive();
    InstanceInfo document = session.register(20);
    session.registerAccepted(0);

    assertThat(after).isEqualTo(SessionAction.CHANGE_LATER);
    assertThat(isAlive).isTrue();
    assertThat(document.status()).isEqualTo(InstanceStatus.DOWN);
    assertThat(document.metadata()).isEqualTo(Map.of("k", "v"));
    assertThat(first).isCompleted();
    assertThat(second).isCompleted();
  }

  @Test
  void update_rejected_keepsInstance() {
    becomeAlive();
    CompletableFuture<Void> done = status(InstanceStatus.DOWN, SessionAction.CHANGE);
    session.register(20);

    SessionAction after = session.registerRejected(400, NO, new Exception(NO));
    session.beatAnswered(404, 0);
    InstanceInfo document = session.register(30);

    assertThat(after).isEqualTo(SessionAction.NOTHING);
    assertThat(done).isCompletedExceptionally();
    assertThat(beat()).isEqualTo("status=UP&lastDirtyTimestamp=10");
    assertThat(document.status()).isEqualTo(InstanceStatus.UP);
  }

  @Test
  void update_beforeFirstRegistration_isIncluded() {
    session.begin();
    CompletableFuture<Void> done = status(InstanceStatus.STARTING, SessionAction.NOTHING);

    InstanceInfo document = session.register(10);
    session.registerAccepted(0);

    assertThat(document.status()).isEqualTo(InstanceStatus.STARTING);
    assertThat(done).isCompleted();
    assertThat(session.listeners().registered()).isCompleted();
  }

  @Test
  void update_rejectedInFirstRegistration_restoresDocument() {
    session.begin();
    CompletableFuture<Void> done = status(InstanceStatus.DOWN, SessionAction.NOTHING);
    session.register(10);

    SessionAction after = session.registerRejected(400, NO, new Exception(NO));

    assertThat(after).isEqualTo(SessionAction.CHANGE);
    assertThat(done).isCompletedExceptionally();
    assertThat(session.register(20).status()).isEqualTo(InstanceStatus.UP);
  }

  @Test
  void update_lostMeanwhile_isIncludedInReregistration() {
    becomeAlive();
    CompletableFuture<Void> done = status(InstanceStatus.DOWN, SessionAction.CHANGE);
    session.register(20);
    session.due(0);

    SessionAction action = session.beatAnswered(404, 0);
    RegistrationState meanwhile = session.state();
    session.registerAccepted(0);

    assertThat(action).isEqualTo(SessionAction.NOTHING);
    assertThat(meanwhile).isEqualTo(RegistrationState.LOST);
    assertThat(session.state()).isEqualTo(RegistrationState.ALIVE);
    assertThat(done).isCompleted();
    assertThat(beat()).isEqualTo("status=DOWN&lastDirtyTimestamp=20");
  }

  @Test
  void update_lostWhileDeferred_isSentAtOnce() {
    becomeAlive();
    status(InstanceStatus.DOWN, SessionAction.CHANGE);
    session.register(20);
    session.registerFailed(false);

    SessionAction action = session.beatAnswered(404, 0);

    assertThat(action).isEqualTo(SessionAction.CHANGE);
    assertThat(session.retry()).isFalse();
  }

  @Test
  void update_cancelled_isReported() {
    becomeAlive();
    CompletableFuture<Void> before = status(InstanceStatus.DOWN, SessionAction.CHANGE);
    session.cancel();
    CompletableFuture<Void> after = status(InstanceStatus.UP, SessionAction.NOTHING);

    session.cancelAnswered(200);
    session.completeIfEnded();

    assertThat(before).isCancelled();
    assertThat(after).isCancelled();
  }

  @Test
  void update_thatThrows_changesNothing() {
    becomeAlive();

    CompletableFuture<Void> done = update(
        InstanceUpdate.document(document -> {
          throw new IllegalStateException("not today");
        }),
        SessionAction.NOTHING);

    assertThat(done).isCompletedExceptionally();
  }

  @Test
  void update_ofIdentity_fails() {
    becomeAlive();

    assertThat(update(
            InstanceUpdate.document(document -> document.toBuilder().app("B").build()),
            SessionAction.NOTHING))
        .isCompletedExceptionally();
    assertThat(update(
            InstanceUpdate.document(document ->
                document.toBuilder().leaseInfo(new LeaseInfo(7, 90, 0, 0, 0, 0)).build()),
            SessionAction.NOTHING))
        .isCompletedExceptionally();
    assertThat(update(InstanceUpdate.source(Sessions.source("A", "j")), SessionAction.NOTHING))
        .isCompletedExceptionally();
  }

  @Test
  void update_supplierThrows_fails() {
    becomeAlive();
    InstanceSupplier failing = lastDirtyMs -> {
      if (lastDirtyMs > 0) {
        throw new IllegalStateException("no document");
      }
      return Sessions.source("A", "i").instance(0);
    };
    CompletableFuture<Void> done = update(InstanceUpdate.source(failing), SessionAction.CHANGE);

    SessionAction after;
    try {
      session.register(20);
      after = SessionAction.END;
    } catch (IllegalStateException e) {
      after = session.registerUnavailable(e);
    }

    assertThat(after).isEqualTo(SessionAction.NOTHING);
    assertThat(session.isAlive()).isTrue();
    assertThat(done).isCompletedExceptionally();
  }

  @Test
  void update_aboveLimit_failsAndKeepsOthers() {
    becomeAlive();
    CompletableFuture<Void> first = status(InstanceStatus.DOWN, SessionAction.CHANGE);
    for (int count = 1; count < PendingUpdates.WAITING_MAX; count++) {
      status(InstanceStatus.DOWN, SessionAction.NOTHING);
    }

    CompletableFuture<Void> last = status(InstanceStatus.UP, SessionAction.NOTHING);

    assertThat(last).isCompletedExceptionally();
    assertThat(first).isNotDone();
    assertThat(session.register(20).status()).isEqualTo(InstanceStatus.DOWN);
  }

  @Test
  void update_ofOneField_keepsOthers() {
    InstanceSupplier source = Sessions.source("A", "i");

    source = InstanceUpdate.metadata(Map.of("k", "v")).apply(source);
    source = InstanceUpdate.status(InstanceStatus.DOWN).apply(source);
    source = InstanceUpdate.document(
            before -> before.toBuilder().vipAddress("vip").build())
        .apply(source);
    source = InstanceUpdate.status(InstanceStatus.STARTING).apply(source);

    assertThat(source.instance(7))
        .returns(Map.of("k", "v"), InstanceInfo::metadata)
        .returns("vip", InstanceInfo::vipAddress)
        .returns(InstanceStatus.STARTING, InstanceInfo::status)
        .returns(7L, InstanceInfo::lastDirtyMs);
  }
}
