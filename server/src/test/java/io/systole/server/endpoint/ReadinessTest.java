// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.route.LateEndpoint;
import io.systole.server.route.Reply;
import io.systole.server.time.ManualClock;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Spec §4.6. */
class ReadinessTest {
  private final ManualClock clock = new ManualClock();

  @Test
  void guard_withoutWaitingTime_letsPassAtOnce() {
    LateEndpoint guarded =
        new Readiness(clock, 0, 0).guard((request, answer) -> answer.send(Reply.OK));

    assertThat(Answered.by(guarded, Requests.get(Map.of()))).isSameAs(Reply.OK);
  }

  @Test
  void guard_untilTheWaitingTimeIsOver_says403() {
    LateEndpoint guarded =
        new Readiness(clock, 1_000, 0).guard((request, answer) -> answer.send(Reply.OK));

    clock.advanceMs(999);
    Reply early = Answered.by(guarded, Requests.get(Map.of()));
    clock.advanceMs(1);
    Reply late = Answered.by(guarded, Requests.get(Map.of()));

    assertThat(early.status()).isEqualTo(403);
    assertThat(early.isBare()).isTrue();
    assertThat(late).isSameAs(Reply.OK);
  }

  /** Leases of an earlier run could be read before the fleet had a chance to renew them. */
  @Test
  void guard_afterARestore_waitsFromTheRestoreOnAsLongAsItIsToldThere() {
    Readiness readiness = new Readiness(clock, 10_000, 1_000);
    LateEndpoint guarded = readiness.guard((request, answer) -> answer.send(Reply.OK));

    clock.advanceMs(500);
    readiness.markRestored();
    clock.advanceMs(999);
    Reply early = Answered.by(guarded, Requests.get(Map.of()));
    clock.advanceMs(1);
    Reply late = Answered.by(guarded, Requests.get(Map.of()));

    assertThat(early.status()).isEqualTo(403);
    assertThat(late).isSameAs(Reply.OK);
  }

  @Test
  void guard_afterARestoreWithoutWaitingTime_letsPassAtOnce() {
    Readiness readiness = new Readiness(clock, 10_000, 0);
    LateEndpoint guarded = readiness.guard((request, answer) -> answer.send(Reply.OK));

    readiness.markRestored();

    assertThat(Answered.by(guarded, Requests.get(Map.of()))).isSameAs(Reply.OK);
  }
}
