// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.net.TestBodySource.ScriptedStream;
import io.systole.server.route.ResponseBody;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A source that exhausts shared resources. Without a limit per source, each case would deny long
 * responses, streams or registrations to all other sources.
 */
class HttpHandlerShareTest {
  private static final String EXHAUSTING = "192.0.2.1";
  private static final String OTHER = "192.0.2.2";
  private static final int LONG = 1_000_000;

  private final HttpHandlerFixture fixture = new HttpHandlerFixture(Map.of(
      "--max-long-responses", "4",
      "--max-streams", "4",
      "--max-bodies-size", "4MiB",
      "--max-source-share", "0.5",
      "--write-timeout", "10s",
      "--request-timeout", "10s"));
  private final TestBodySource source = new TestBodySource();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private EmbeddedConnection send(String address, String request) {
    EmbeddedConnection connection = fixture.connectFrom(address);
    connection.read(request);
    return connection;
  }

  private EmbeddedConnection sendWithoutReading(String address, String request) {
    EmbeddedConnection connection = fixture.connectFrom(address);
    connection.peerStopsReading();
    connection.read(request);
    fixture.runReadyTasks();
    return connection;
  }

  private void assertNothingIsReserved() {
    Stream.of(fixture.quotas.longResponses(), fixture.quotas.streams(), fixture.quotas.bodyBytes())
        .forEach(quota -> {
          assertThat(quota.reserved()).isZero();
          assertThat(quota.sourceCount()).isZero();
        });
  }

  private static void assertRefused(EmbeddedConnection connection) {
    ParsedResponse callback = ParsedResponse.parseAll(connection.received()).get(0);
    assertThat(callback.status()).isEqualTo(503);
    assertThat(callback.body()).isEmpty();
    assertThat(callback.headers()).containsKey("retry-after").doesNotContainKey("connection");
  }

  @Test
  void read_sourceExhaustsItsLongResponses_isRefusedAndOthersAreNot() {
    fixture.bodies.put("long", source.ofLength(LONG));
    sendWithoutReading(EXHAUSTING, HttpHandlerFixture.get("/body/long"));
    sendWithoutReading(EXHAUSTING, HttpHandlerFixture.get("/body/long"));

    EmbeddedConnection refused = send(EXHAUSTING, HttpHandlerFixture.get("/body/long"));
    EmbeddedConnection other = send(OTHER, HttpHandlerFixture.get("/body/long"));
    fixture.runReadyTasks();

    assertRefused(refused);
    assertThat(ParsedResponse.parseAll(other.received()).get(0).body())
        .isEqualTo(TestBodySource.text(LONG));
    assertThat(fixture.counters.exhaustions(Resource.LONG_RESPONSES, Limit.SOURCE))
        .isEqualTo(1);
    assertThat(fixture.counters.exhaustions(Resource.LONG_RESPONSES, Limit.TOTAL))
        .isZero();
    assertThat(fixture.quotas.longResponses().sourceCount()).isEqualTo(1);
  }

  @Test
  void read_sourcesExhaustAllLongResponses_isCountedAsTotal() {
    fixture.bodies.put("long", source.ofLength(LONG));
    for (int i = 0; i < 4; i++) {
      sendWithoutReading(i < 2 ? EXHAUSTING : OTHER, HttpHandlerFixture.get("/body/long"));
    }

    assertRefused(send("192.0.2.3", HttpHandlerFixture.get("/body/long")));

    assertThat(fixture.counters.exhaustions(Resource.LONG_RESPONSES, Limit.TOTAL))
        .isEqualTo(1);
    assertThat(fixture.quotas.longResponses().sourceCount()).isEqualTo(2);
  }

  /** A delta that is too long to be kept in full, but short when compressed. */
  @Test
  void read_shortStreamedBodyWhileLongResponsesAreExhausted_isSent() {
    fixture.bodies.put("long", source.ofLength(LONG));
    fixture.bodies.put("delta", source.ofLength(200_000));
    sendWithoutReading(EXHAUSTING, HttpHandlerFixture.get("/body/long"));
    sendWithoutReading(EXHAUSTING, HttpHandlerFixture.get("/body/long"));

    EmbeddedConnection reader = send(EXHAUSTING, HttpHandlerFixture.get("/body/delta"));
    fixture.runReadyTasks();

    assertThat(ParsedResponse.parseAll(reader.received()).get(0).body())
        .isEqualTo(TestBodySource.text(200_000));
    assertThat(fixture.counters.responseRefusals()).isZero();
  }

  /** Pipelined requests behind a body that is not read had all their responses in memory. */
  @Test
  void read_responsesWaitBehindABody_pausesAtTheBytesOfTheWriteBuffer() {
    fixture.bodies.put("long", source.ofLength(LONG));
    fixture.bodies.put("large", ResponseBody.of(new byte[60_000]));
    EmbeddedConnection connection =
        sendWithoutReading(EXHAUSTING, HttpHandlerFixture.get("/body/long"));

    for (int i = 0; i < 20; i++) {
      connection.read(HttpHandlerFixture.get("/body/large") + HttpHandlerFixture.put("i-" + i));
    }

    assertThat(fixture.calls).hasSize(fixture.settings.writeBufferBytesMax() / 60_000);
    connection.peerReadsAgain();
    fixture.runReadyTasks();
    assertThat(fixture.calls).hasSize(20);
    assertThat(ParsedResponse.parseAll(connection.received())).hasSize(41);
    assertNothingIsReserved();
  }

  static Stream<Named<Consumer<HttpHandlerFixture>>> ends() {
    return Stream.of(
        Named.of("timed out", fixture -> fixture.advanceMs(10_001)),
        Named.of("drained", fixture -> fixture.context.drain()));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void end_ofLongResponsesAndBodies_releasesTheQuotas(Consumer<HttpHandlerFixture> end) {
    fixture.bodies.put("long", source.ofLength(LONG));
    EmbeddedConnection reader =
        sendWithoutReading(EXHAUSTING, HttpHandlerFixture.get("/body/long"));
    String registration = HttpHandlerFixture.post("/v2/apps/A", "b".repeat(2_000));
    EmbeddedConnection writer = send(OTHER, registration.substring(0, 900));
    long heldBytes = fixture.quota.reserved();

    end.accept(fixture);
    if (reader.isOpen()) {
      reader.peerReadsAgain();
      fixture.runReadyTasks();
    }
    if (writer.isOpen()) {
      writer.read(registration.substring(900));
      fixture.runReadyTasks();
    }

    assertThat(heldBytes).isPositive();
    assertNothingIsReserved();
  }

  @Test
  void read_longResponsesReadOrReset_releaseTheQuotaEachTime() {
    fixture.bodies.put("long", source.ofLength(LONG));
    for (int i = 0; i < 5; i++) {
      EmbeddedConnection reader = send(EXHAUSTING, HttpHandlerFixture.get("/body/long"));
      EmbeddedConnection leaver =
          sendWithoutReading(EXHAUSTING, HttpHandlerFixture.get("/body/long"));
      leaver.close();
      fixture.runReadyTasks();

      assertThat(ParsedResponse.statusesIn(reader.received())).containsExactly(200);
    }

    assertNothingIsReserved();
  }

  @Test
  void read_sourceExhaustsItsStreams_isRefusedUntilOneEndsAndOthersAreNot() {
    ScriptedStream stream = new ScriptedStream();
    fixture.bodies.put("stream", stream.body());
    fixture.bodies.put("held", new ScriptedStream().body());
    EmbeddedConnection first = send(EXHAUSTING, HttpHandlerFixture.get("/body/stream"));
    send(EXHAUSTING, HttpHandlerFixture.get("/body/held"));

    EmbeddedConnection refused = send(EXHAUSTING, HttpHandlerFixture.get("/body/held"));
    EmbeddedConnection other = send(OTHER, HttpHandlerFixture.get("/body/held"));
    stream.end();
    fixture.runReadyTasks();
    EmbeddedConnection next = send(EXHAUSTING, HttpHandlerFixture.get("/body/held"));

    assertRefused(refused);
    assertThat(other.received()).startsWith("HTTP/1.1 200 ");
    assertThat(first.received()).endsWith("\r\n0\r\n\r\n");
    assertThat(next.received()).startsWith("HTTP/1.1 200 ");
    assertThat(fixture.counters.exhaustions(Resource.STREAMS, Limit.SOURCE)).isEqualTo(1);

    fixture.context.drain();
    fixture.runReadyTasks();
    assertNothingIsReserved();
  }

  @Test
  void read_sourceExhaustsItsBodyBytes_othersCanRegister() {
    String half =
        HttpHandlerFixture.post("/v2/apps/A", "b".repeat(1_000_000)).substring(0, 900_000);
    send(EXHAUSTING, half);
    send(EXHAUSTING, half);

    EmbeddedConnection refused =
        send(EXHAUSTING, HttpHandlerFixture.post("/v2/apps/A", "b".repeat(1_000_000)));
    EmbeddedConnection other = send(OTHER, HttpHandlerFixture.post("/v2/apps/A", "document"));

    assertRefused(refused);
    assertThat(ParsedResponse.statusesIn(other.received())).containsExactly(204);
    assertThat(fixture.calls).containsExactly("register A document");
    assertThat(fixture.counters.exhaustions(Resource.BODIES, Limit.SOURCE)).isEqualTo(1);
    fixture.advanceMs(10_001);
    assertNothingIsReserved();
  }

  /** One host can use every address of a /64. */
  @Test
  void read_sourceChangesItsIpv6Address_isTheSameSource() {
    fixture.bodies.put("long", source.ofLength(LONG));
    sendWithoutReading("2001:db8:1:2::1", HttpHandlerFixture.get("/body/long"));
    sendWithoutReading("2001:db8:1:2::2", HttpHandlerFixture.get("/body/long"));

    EmbeddedConnection refused = send("2001:db8:1:2:ffff::3", HttpHandlerFixture.get("/body/long"));
    EmbeddedConnection other = send("2001:db8:1:3::1", HttpHandlerFixture.get("/body/long"));

    assertRefused(refused);
    assertThat(ParsedResponse.countIn(other.received())).isZero();
    assertThat(fixture.quotas.longResponses().sourceCount()).isEqualTo(2);
  }
}
