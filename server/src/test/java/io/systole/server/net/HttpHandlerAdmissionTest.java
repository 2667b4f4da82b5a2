// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Overload;
import io.systole.server.metrics.RequestClass;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Requests that an overloaded event loop refuses before it reads their bodies. */
class HttpHandlerAdmissionTest {
  private static final String HEARTBEAT = "PUT /v2/apps/A/1 HTTP/1.1\r\nHost: a\r\n\r\n";

  private final HttpHandlerFixture fixture = new HttpHandlerFixture();
  private final EmbeddedConnection connection = fixture.connect();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  /** Lets the loop lag by so much for a second. */
  private void lag(long lagMs) {
    for (int step = 0; step < 100; step++) {
      fixture.clock.advanceMs(10);
      fixture.context.admission.update(
          TimeUnit.MILLISECONDS.toNanos(lagMs), 0, 0, fixture.clock.monotonicNs());
    }
  }

  private static String registration(String body) {
    return "POST /registrations/A HTTP/1.1\r\nHost: a\r\nContent-Length: " + body.length()
        + "\r\n\r\n" + body;
  }

  private List<ParsedResponse> responses() {
    return ParsedResponse.parseAll(connection.received());
  }

  private List<Integer> statuses() {
    return responses().stream().map(ParsedResponse::status).toList();
  }

  private long refusals(RequestClass requestClass) {
    return fixture.counters.overloadRefusals(requestClass, Overload.LOOP_LAG);
  }

  @ParameterizedTest
  @CsvSource({"0, 200, 200, 204", "150, 503, 200, 204", "300, 503, 503, 204", "600, 503, 503, 503"})
  void read_loopLags_refusesTheClassesOverTheirLimit(
      long lagMs, int full, int delta, int registration) {
    lag(lagMs);

    connection.read(HttpHandlerFixture.get("/full")
        + HttpHandlerFixture.get("/delta")
        + registration("x")
        + HEARTBEAT);

    assertThat(statuses()).containsExactly(full, delta, registration, 200);
  }

  @Test
  void read_classesAreRefused_countsThemByClassAndReason() {
    lag(600);

    connection.read(HttpHandlerFixture.get("/full")
        + HttpHandlerFixture.get("/full")
        + HttpHandlerFixture.get("/delta")
        + registration("x")
        + HEARTBEAT);

    assertThat(refusals(RequestClass.FULL_FETCH)).isEqualTo(2);
    assertThat(refusals(RequestClass.DELTA)).isEqualTo(1);
    assertThat(refusals(RequestClass.REGISTRATION)).isEqualTo(1);
    assertThat(refusals(RequestClass.CRITICAL)).isZero();
  }

  @Test
  void read_refused_hasNoBodyAndARetryAfterWithinItsRange() {
    lag(600);

    connection.read(registration("x").repeat(100));

    assertThat(responses()).hasSize(100).allSatisfy(response -> {
      assertThat(response.body()).isEmpty();
      assertThat(response.headers()).doesNotContainKey("connection");
      assertThat(Integer.parseInt(String.valueOf(response.headers().get("retry-after"))))
          .isBetween(1, RetryAfterJitter.SECS_MAX);
    });
    assertThat(fixture.calls).isEmpty();
  }

  @Test
  void read_refusedBetweenHeartbeats_isAnsweredInOrder() {
    lag(600);

    connection.read(HEARTBEAT.repeat(2) + registration("x") + HEARTBEAT);

    assertThat(statuses()).containsExactly(200, 200, 503, 200);
    assertThat(fixture.calls).hasSize(3);
  }

  @Test
  void read_pollThatWaits_isRefusedLikeAFullFetch() {
    lag(150);

    connection.read(HttpHandlerFixture.get("/delta?since=1&wait=30")
        + HttpHandlerFixture.get("/delta?wait=30")
        + HttpHandlerFixture.get("/delta?await=1&wait")
        + HttpHandlerFixture.get("/delta"));

    assertThat(statuses()).containsExactly(503, 503, 200, 200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/%66ull", "/full/", "/full;a=b", "/full?a=b"})
  void read_otherSpellingOfThePath_isRefusedToo(String target) {
    lag(600);

    connection.read(HttpHandlerFixture.get(target));

    assertThat(statuses()).containsExactly(503);
  }

  @Test
  void read_bodyOfARefusedRequestIsARequest_isNotTakenForOne() {
    lag(600);

    connection.read(registration(HEARTBEAT) + HEARTBEAT);

    assertThat(statuses()).containsExactly(503, 200);
    assertThat(fixture.calls).containsExactly("renew A/1 - client");
  }

  @Test
  void read_refusedBodyArrivesInParts_isDiscardedAndReservesNothing() {
    lag(600);
    String body = "y".repeat(60_000);
    String request = registration(body);

    connection.read(request.substring(0, 20_000));
    long reserved = fixture.quota.reserved();
    connection.read(request.substring(20_000) + HEARTBEAT);

    assertThat(reserved).isZero();
    assertThat(statuses()).containsExactly(503, 200);
    assertThat(connection.isOutputShutdown()).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Content-Length: 65537",
        "Transfer-Encoding: chunked",
        "Content-Length: 10\r\nExpect: 100-continue"
      })
  void read_refusedBodyIsLongOrMayNotCome_respondsAtOnceAndCloses(String framing) {
    lag(600);

    connection.read("POST /registrations/A HTTP/1.1\r\nHost: a\r\n" + framing + "\r\n\r\n");
    connection.read(HEARTBEAT);

    assertThat(statuses()).containsExactly(503);
    assertThat(responses().get(0).headers())
        .containsEntry("connection", "close")
        .containsKey("retry-after");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThat(fixture.calls).isEmpty();
  }

  @Test
  void read_bodyWasAdmittedBeforeTheOverload_isHandled() {
    String request = registration("0123456789");
    connection.read(request.substring(0, request.length() - 4));
    lag(600);

    connection.read(request.substring(request.length() - 4));
    fixture.runReadyTasks();

    assertThat(statuses()).containsExactly(204);
    assertThat(fixture.calls).containsExactly("register A 0123456789");
  }

  @Test
  void read_loadHasEnded_isAdmittedAgain() {
    lag(600);
    connection.read(registration("x"));
    lag(1);

    connection.read(registration("x") + HttpHandlerFixture.get("/full"));
    fixture.runReadyTasks();

    assertThat(statuses()).containsExactly(503, 204, 200);
  }

  @Test
  void read_heartbeatInAnotherSpelling_isAdmitted() {
    lag(10_000);

    connection.read("PUT /v2/apps/A/%31 HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");

    assertThat(statuses()).containsExactly(200);
  }

  @Test
  void read_iterationsTakeLong_areMeasuredFromTheFirstRequestOfAClass() {
    for (int iteration = 0; iteration < 4; iteration++) {
      connection.read(HttpHandlerFixture.get("/full"));
      fixture.clock.advanceMs(150);
      fixture.runNextTask();
    }

    connection.read(HttpHandlerFixture.get("/full"));

    assertThat(statuses().get(0)).isEqualTo(200);
    assertThat(statuses().get(4)).isEqualTo(503);
  }

  @Test
  void read_heartbeatsOnly_measuresNoIteration() {
    connection.read(HEARTBEAT.repeat(10));
    connection.read(HEARTBEAT);

    assertThat(fixture.hasTasks()).isFalse();
  }
}
