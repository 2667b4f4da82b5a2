// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Spec §4.6. */
class ReadinessTest {
  private final ManualClock clock = new ManualClock();

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
}
