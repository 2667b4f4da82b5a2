// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Overload;
import io.systole.server.metrics.RequestClass;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Registrations that wait for their turn, so that the loop reads heartbeats in between. */
class DeferredRequestsTest {
  private static final String HEARTBEAT = "PUT /v2/apps/A/1 HTTP/1.1\r\nHost: a\r\n\r\n";

  private final HttpHandlerFixture fixture = new HttpHandlerFixture();
  private final EmbeddedConnection first = fixture.connect();
  private final EmbeddedConnection second = fixture.connect();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private static String registration(String body) {
    return "POST /registrations/A HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length()
        + "\r\n\r\n" + body;
  }

  private static List<Integer> statuses(EmbeddedConnection connection) {
    return ParsedResponse.statusesIn(connection.received());
  }

  /** Uses up the time of the current iteration for requests other than heartbeats. */
  private void useUpSlice() {
    first.read(registration("first"));
    fixture.clock.advanceMs(3);
  }

  @Test
  void read_withinTheSlice_handlesTheRequestAtOnce() {
    first.read(registration("x"));
    second.read(registration("y"));

    assertThat(fixture.calls).containsExactly("register A x", "register A y");
    assertThat(statuses(second)).containsExactly(204);
  }

  @Test
  void read_afterTheSlice_handlesHeartbeatsBeforeTheRequest() {
    useUpSlice();

    second.read(registration("second"));
    first.read(HEARTBEAT);
    List<Integer> before = statuses(second);
    fixture.runReadyTasks();

    assertThat(before).isEmpty();
    assertThat(statuses(second)).containsExactly(204);
    assertThat(fixture.calls)
        .containsExactly("register A first", "renew A/1 - client", "register A second");
  }

  @Test
  void read_requestsBehindADeferredOne_areHandledInOrder() {
    useUpSlice();

    second.read(registration("a") + HEARTBEAT + registration("b"));
    fixture.runReadyTasks();

    assertThat(statuses(second)).containsExactly(204, 200, 204);
    assertThat(fixture.calls)
        .containsExactly("register A first", "register A a", "renew A/1 - client", "register A b");
  }

  /** Each takes a millisecond: as many as fit into one read would stop the loop for a hundred. */
  @Test
  void read_framesOfRenewals_areHandledInTurnWithHeartbeats() {
    first.read(frame("1") + frame("2") + frame("3"));
    second.read(HEARTBEAT);
    fixture.runNextTask();
    second.read(HEARTBEAT);
    fixture.runReadyTasks();

    assertThat(statuses(first)).containsExactly(200, 200, 200);
    assertThat(fixture.calls)
        .containsExactly(
            "renew frame 1",
            "renew A/1 - client",
            "renew A/1 - client",
            "renew frame 2",
            "renew frame 3");
  }

  private static String frame(String body) {
    return "POST /v2/renewals HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length() + "\r\n\r\n"
        + body;
  }

  @Test
  void read_requestOfAnotherClass_isNotDeferred() {
    useUpSlice();

    second.read("POST /v2/apps/A HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");

    assertThat(statuses(second)).containsExactly(204);
  }

  @Test
  void read_deferredRequest_holdsTheQuotaOfItsBody() {
    useUpSlice();

    second.read(registration("0123456789"));
    long reserved = fixture.quota.reserved();
    fixture.runReadyTasks();

    assertThat(reserved).isEqualTo(10);
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void read_connectionClosesWhileDeferred_releasesTheQuota() {
    useUpSlice();
    second.read(registration("0123456789"));

    second.close();
    fixture.runReadyTasks();

    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void offer_tooManyWait_isRefused() {
    DeferredRequests deferred = fixture.context.deferred;
    for (int i = 0; i < DeferredRequests.COUNT_MAX; i++) {
      assertThat(deferred.offer(() -> {})).isTrue();
    }

    second.read(registration("x"));

    assertThat(statuses(second)).containsExactly(503);
    assertThat(fixture.counters.workRefusals()).isEqualTo(1);
    assertThat(fixture.quota.reserved()).isZero();
  }

  @Test
  void runSlice_requestsTakeLongerThanASlice_polledInBetween() {
    List<String> order = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      String name = "request " + i;
      fixture.context.deferred.offer(() -> {
        order.add(name);
        fixture.clock.advanceMs(3);
      });
    }

    while (fixture.hasTasks()) {
      fixture.runNextTask();
      order.add("poll");
    }

    assertThat(order)
        .containsExactly("request 0", "poll", "request 1", "poll", "request 2", "poll");
  }

  @Test
  void runSlice_requestFails_continuesWithTheNext() {
    List<String> order = new ArrayList<>();
    fixture.context.deferred.offer(() -> {
      throw new IllegalStateException("planted by a test");
    });
    fixture.context.deferred.offer(() -> order.add("next"));

    try {
      fixture.runNextTask();
    } catch (IllegalStateException planted) {
      order.add("failed");
    }
    fixture.runReadyTasks();

    assertThat(order).containsExactly("failed", "next");
  }

  @Test
  void count_manyWait_isASignalOfOverload() {
    for (int i = 0; i < 20_000; i++) {
      fixture.context.deferred.offer(() -> {});
    }
    for (int i = 0; i < 4; i++) {
      fixture.context.measureIteration();
      fixture.clock.advanceMs(110);
      fixture.context.iterationEnded();
    }

    first.read(HttpHandlerFixture.get("/full"));

    assertThat(statuses(first)).containsExactly(503);
    assertThat(fixture.counters.overloadRefusals(RequestClass.FULL_FETCH, Overload.LOOP_QUEUE))
        .isEqualTo(1);
  }

  /** A frame takes as long as fifty registrations or more, and is never refused for overload. */
  @Test
  void taskCount_framesWait_isASignalOfOverloadByTheirTime() {
    for (int i = 0; i < 300; i++) {
      fixture.connect().read(frame("x"));
    }
    for (int i = 0; i < 150; i++) {
      fixture.runNextTask();
      fixture.context.iterationEnded();
    }
    assertThat(fixture.context.deferred.count()).isGreaterThan(100);

    first.read(HttpHandlerFixture.get("/full"));

    assertThat(statuses(first)).containsExactly(503);
    assertThat(fixture.counters.overloadRefusals(RequestClass.FULL_FETCH, Overload.LOOP_QUEUE))
        .isEqualTo(1);
  }

  @Test
  void taskCount_oneRequestTookLong_isSoonThatOfOthersAgain() {
    DeferredRequests deferred = fixture.context.deferred;
    deferred.offer(() -> fixture.clock.advanceMs(50));
    for (int i = 0; i < 5_000; i++) {
      deferred.offer(() -> fixture.clock.advanceNs(AdmissionControl.TASK_NS));
    }

    fixture.runNextTask();
    int afterTheLongOne = deferred.taskCount();
    while (deferred.count() > 100) {
      fixture.runNextTask();
    }

    assertThat(afterTheLongOne).isGreaterThan(10 * 5_000);
    assertThat(deferred.taskCount()).isLessThan(10 * deferred.count());
  }

  /** Slices of one long request and slices of many short ones alternate. */
  @Test
  void taskCount_longRequestsAmongShortOnes_isByTheTimeOfAll() {
    DeferredRequests deferred = fixture.context.deferred;
    for (int group = 0; group < 20; group++) {
      deferred.offer(() -> fixture.clock.advanceMs(4));
      for (int i = 0; i < 200; i++) {
        deferred.offer(() -> fixture.clock.advanceNs(AdmissionControl.TASK_NS));
      }
    }

    List<Double> ratios = new ArrayList<>();
    while (deferred.count() > 10 * 201) {
      fixture.runNextTask();
      // Each group takes 8 ms.
      double tasks = deferred.count() / 201.0 * 8_000_000 / AdmissionControl.TASK_NS;
      ratios.add(deferred.taskCount() / tasks);
    }

    assertThat(ratios.subList(ratios.size() / 2, ratios.size()))
        .allSatisfy(ratio -> assertThat(ratio).isBetween(0.3, 3.0));
  }
}
