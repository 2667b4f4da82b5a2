// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.api.InstanceSupplier;
import io.systole.client.api.RegistrationEvent;
import io.systole.client.api.RegistrationListener;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Events reported to the listeners of a session. */
class SessionListenersTest {
  private static final InstanceKey KEY = new InstanceKey("A", "i");
  private static final long LEASE_NS = TimeUnit.SECONDS.toNanos(90);

  /** Near the overflow, as monotonic times may be. */
  private static final long START_NS = Long.MAX_VALUE - 5;

  private final List<RegistrationEvent> own = new ArrayList<>();
  private final List<RegistrationEvent> all = new ArrayList<>();
  private final Session session = session(own::add, all::add);

  private static Session session(RegistrationListener own, RegistrationListener all) {
    InstanceSupplier source = Sessions.source("A", "i");
    CallbackFailures failures = new CallbackFailures();
    return Session.of(
        source,
        source.instance(0),
        new GuardedListener(own, failures),
        new GuardedListener(all, failures));
  }

  private void becomeAlive() {
    session.begin();
    session.register(10);
    session.registerAccepted(START_NS);
    own.clear();
    all.clear();
  }

  @Test
  void registered_firstTime_isReportedToBoth() {
    session.begin();
    session.register(10);

    session.registerAccepted(START_NS);

    assertThat(own).containsExactly(new RegistrationEvent.Registered(KEY));
    assertThat(all).isEqualTo(own);
  }

  @Test
  void renewed_inTime_isNotReported() {
    becomeAlive();

    session.beatAnswered(200, START_NS + LEASE_NS);
    session.beatAnswered(200, START_NS + 2 * LEASE_NS);

    assertThat(own).isEmpty();
  }

  @Test
  void renewed_afterLeaseDuration_isReportedOnce() {
    becomeAlive();
    session.beatAnswered(503, START_NS + LEASE_NS / 2);

    session.beatAnswered(200, START_NS + LEASE_NS + 1_000_000);
    session.beatAnswered(200, START_NS + LEASE_NS + 2_000_000);

    assertThat(own).containsExactly(new RegistrationEvent.RenewedLate(KEY, 90_001));
  }

  @Test
  void lost_thenReregistered_areReportedInOrder() {
    becomeAlive();

    session.beatAnswered(404, START_NS);
    session.register(20);
    session.registerAccepted(START_NS + 2 * LEASE_NS);
    session.beatAnswered(200, START_NS + 3 * LEASE_NS);

    assertThat(own)
        .containsExactly(new RegistrationEvent.Lost(KEY), new RegistrationEvent.Reregistered(KEY));
  }

  @Test
  void refused_neverAccepted_isFinal() {
    session.begin();
    session.register(10);
    session.registerRejected(400, "Missing hostname", new Exception("no"));

    assertThat(own)
        .containsExactly(new RegistrationEvent.Rejected(KEY, 400, "Missing hostname", true));
  }

  @Test
  void refusedUpdate_isNotFinal() {
    becomeAlive();
    session.update(InstanceUpdate.status(InstanceStatus.DOWN), new CompletableFuture<>());
    session.register(20);

    session.registerRejected(400, "no", new Exception("no"));

    assertThat(own).containsExactly(new RegistrationEvent.Rejected(KEY, 400, "no", false));
  }

  @Test
  void updated_manyAtOnce_isReportedOnce() {
    becomeAlive();
    session.update(InstanceUpdate.status(InstanceStatus.DOWN), new CompletableFuture<>());
    session.update(InstanceUpdate.status(InstanceStatus.UP), new CompletableFuture<>());
    session.register(20);

    session.registerAccepted(START_NS);

    assertThat(own).containsExactly(new RegistrationEvent.Updated(KEY));
  }

  @Test
  void cancelled_confirmed_isReported() {
    becomeAlive();
    session.cancel();
    int beforeTheResponse = own.size();

    session.cancelAnswered(200);
    session.abandon();

    assertThat(beforeTheResponse).isZero();
    assertThat(own).containsExactly(new RegistrationEvent.Cancelled(KEY));
  }

  @Test
  void abandoned_notEnded_isReported() {
    becomeAlive();

    session.abandon();

    assertThat(own).containsExactly(new RegistrationEvent.Abandoned(KEY));
    assertThat(all).isEqualTo(own);
  }

  @Test
  void listener_throws_doesNotAffectOthers() {
    List<RegistrationEvent> received = new ArrayList<>();
    Session harmed = session(
        event -> {
          throw new AssertionError("defect of a listener");
        },
        received::add);

    harmed.begin();
    harmed.register(10);
    SessionAction action = harmed.registerAccepted(START_NS);

    assertThat(action).isEqualTo(SessionAction.NOTHING);
    assertThat(harmed.isAlive()).isTrue();
    assertThat(received).containsExactly(new RegistrationEvent.Registered(KEY));
  }
}
