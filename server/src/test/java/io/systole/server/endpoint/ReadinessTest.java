// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.time.ManualClock;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Spec §4.6. */
class ReadinessTest {
  private final ManualClock clock = new ManualClock();

  @Test
  void guard_withoutWaitingTime_letsPassAtOnce() {
    Endpoint guarded = new Readiness(clock, 0).guard(request -> Reply.OK);

    assertThat(guarded.handle(Requests.get(Map.of()))).isSameAs(Reply.OK);
  }

  @Test
  void guard_untilTheWaitingTimeIsOver_says403() {
    Endpoint guarded = new Readiness(clock, 1_000).guard(request -> Reply.OK);

    clock.advanceMs(999);
    Reply early = guarded.handle(Requests.get(Map.of()));
    clock.advanceMs(1);
    Reply late = guarded.handle(Requests.get(Map.of()));

    assertThat(early.status()).isEqualTo(403);
    assertThat(early.isBare()).isTrue();
    assertThat(late).isSameAs(Reply.OK);
  }
}
