// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.net.TestPassage.Spoken;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * One source that holds all it can of what connections share. Without a share of its own each of
 * these denied long answers, streams or registrations to everybody.
 */
class HttpHandlerShareTest {
  private static final String GREEDY = "192.0.2.1";
  private static final String OTHER = "192.0.2.2";
  private static final int LONG = 1_000_000;

  private final NetRig rig = new NetRig(Map.of(
      "--max-long-responses", "4",
      "--max-streams", "4",
      "--max-bodies-bytes", "4194304",
      "--max-source-share", "0.5",
      "--write-timeout-ms", "10000",
      "--request-timeout-ms", "10000"));
  private final TestPassage source = new TestPassage();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private EmbeddedConnection ask(String address, String request) {
    EmbeddedConnection connection = rig.connectFrom(address);
    connection.read(request);
    return connection;
  }

  private EmbeddedConnection askSlowly(String address, String request) {
    EmbeddedConnection connection = rig.connectFrom(address);
    connection.peerStopsReading();
    connection.read(request);
    rig.deliverReady();
    return connection;
  }

  private void assertThatNothingIsProtected() {
    Stream.of(rig.budgets.longResponses(), rig.budgets.streams(), rig.budgets.bodyBytes())
        .forEach(budget -> {
          assertThat(budget.held()).isZero();
          assertThat(budget.sourceCount()).isZero();
        });
  }

  private static void assertThatItIsRefused(EmbeddedConnection connection) {
    Answer callback = Answer.parseAll(connection.received()).get(0);
    assertThat(callback.status()).isEqualTo(503);
    assertThat(callback.body()).isEmpty();
    assertThat(callback.headers()).containsKey("retry-after").doesNotContainKey("connection");
  }

  @Test
  void read_sourceHasItsShareOfLongResponses_isRefusedAndOthersAreNot() {
    rig.bodies.put("long", source.ofLength(LONG));
    askSlowly(GREEDY, NetRig.get("/body/long"));
    askSlowly(GREEDY, NetRig.get("/body/long"));

    EmbeddedConnection refused = ask(GREEDY, NetRig.get("/body/long"));
    EmbeddedConnection other = ask(OTHER, NetRig.get("/body/long"));
    rig.deliverReady();

    assertThatItIsRefused(refused);
    assertThat(Answer.parseAll(other.received()).get(0).body()).isEqualTo(TestPassage.text(LONG));
    assertThat(rig.counters.exhaustions(Resource.LONG_RESPONSES, Limit.SOURCE)).isEqualTo(1);
    assertThat(rig.counters.exhaustions(Resource.LONG_RESPONSES, Limit.TOTAL)).isZero();
    assertThat(rig.budgets.longResponses().sourceCount()).isEqualTo(1);
  }

  @Test
  void read_allSourcesHaveAllLongResponses_isCountedAsTheTotal() {
    rig.bodies.put("long", source.ofLength(LONG));
    for (int i = 0; i < 4; i++) {
      askSlowly(i < 2 ? GREEDY : OTHER, NetRig.get("/body/long"));
    }

    assertThatItIsRefused(ask("192.0.2.3", NetRig.get("/body/long")));

    assertThat(rig.counters.exhaustions(Resource.LONG_RESPONSES, Limit.TOTAL)).isEqualTo(1);
    assertThat(rig.budgets.longResponses().sourceCount()).isEqualTo(2);
  }

  /** A delta that is longer than what is kept at hand, but short when packed. */
  @Test
  void read_shortBodyInPassesWhileLongResponsesAreAllTaken_isSent() {
    rig.bodies.put("long", source.ofLength(LONG));
    rig.bodies.put("delta", source.ofLength(200_000));
    askSlowly(GREEDY, NetRig.get("/body/long"));
    askSlowly(GREEDY, NetRig.get("/body/long"));

    EmbeddedConnection reader = ask(GREEDY, NetRig.get("/body/delta"));
    rig.deliverReady();

    assertThat(Answer.parseAll(reader.received()).get(0).body())
        .isEqualTo(TestPassage.text(200_000));
    assertThat(rig.counters.responseRefusals()).isZero();
  }

  static Stream<Named<Consumer<NetRig>>> ends() {
    return Stream.of(
        Named.of("timed out", rig -> rig.passMs(10_001)),
        Named.of("drained", rig -> rig.context.endConnections()));
  }

  @ParameterizedTest
  @MethodSource("ends")
  void end_ofLongResponsesAndBodies_givesTheSharesBack(Consumer<NetRig> end) {
    rig.bodies.put("long", source.ofLength(LONG));
    EmbeddedConnection reader = askSlowly(GREEDY, NetRig.get("/body/long"));
    String registration = NetRig.post("/v2/apps/A", "b".repeat(2_000));
    EmbeddedConnection writer = ask(OTHER, registration.substring(0, 900));
    long heldBytes = rig.budget.held();

    end.accept(rig);
    if (reader.isOpen()) {
      reader.peerReadsAgain();
      rig.deliverReady();
    }
    if (writer.isOpen()) {
      writer.read(registration.substring(900));
      rig.deliverReady();
    }

    assertThat(heldBytes).isPositive();
    assertThatNothingIsProtected();
  }

  @Test
  void read_longResponsesThatWereReadOrReset_giveTheShareBackEachTime() {
    rig.bodies.put("long", source.ofLength(LONG));
    for (int i = 0; i < 5; i++) {
      EmbeddedConnection reader = ask(GREEDY, NetRig.get("/body/long"));
      EmbeddedConnection leaver = askSlowly(GREEDY, NetRig.get("/body/long"));
      leaver.close();
      rig.deliverReady();

      assertThat(Answer.statusesIn(reader.received())).containsExactly(200);
    }

    assertThatNothingIsProtected();
  }

  @Test
  void read_sourceHasItsShareOfStreams_isRefusedUntilOneEndsAndOthersAreNot() {
    Spoken spoken = new Spoken();
    rig.bodies.put("stream", spoken.body());
    rig.bodies.put("held", new Spoken().body());
    EmbeddedConnection first = ask(GREEDY, NetRig.get("/body/stream"));
    ask(GREEDY, NetRig.get("/body/held"));

    EmbeddedConnection refused = ask(GREEDY, NetRig.get("/body/held"));
    EmbeddedConnection other = ask(OTHER, NetRig.get("/body/held"));
    spoken.end();
    rig.deliverReady();
    EmbeddedConnection next = ask(GREEDY, NetRig.get("/body/held"));

    assertThatItIsRefused(refused);
    assertThat(other.received()).startsWith("HTTP/1.1 200 ");
    assertThat(first.received()).endsWith("\r\n0\r\n\r\n");
    assertThat(next.received()).startsWith("HTTP/1.1 200 ");
    assertThat(rig.counters.exhaustions(Resource.STREAMS, Limit.SOURCE)).isEqualTo(1);

    rig.context.endConnections();
    rig.deliverReady();
    assertThatNothingIsProtected();
  }

  @Test
  void read_sourceHasItsShareOfBodiesInFlight_othersCanRegister() {
    String half = NetRig.post("/v2/apps/A", "b".repeat(1_000_000)).substring(0, 900_000);
    ask(GREEDY, half);
    ask(GREEDY, half);

    EmbeddedConnection refused = ask(GREEDY, NetRig.post("/v2/apps/A", "b".repeat(1_000_000)));
    EmbeddedConnection other = ask(OTHER, NetRig.post("/v2/apps/A", "document"));

    assertThatItIsRefused(refused);
    assertThat(Answer.statusesIn(other.received())).containsExactly(204);
    assertThat(rig.calls).containsExactly("register A document");
    assertThat(rig.counters.exhaustions(Resource.BODIES, Limit.SOURCE)).isEqualTo(1);
    rig.passMs(10_001);
    assertThatNothingIsProtected();
  }

  /** A /64 is one host's to choose addresses from. */
  @Test
  void read_sourceChangesItsIpv6Address_isTheSameSource() {
    rig.bodies.put("long", source.ofLength(LONG));
    askSlowly("2001:db8:1:2::1", NetRig.get("/body/long"));
    askSlowly("2001:db8:1:2::2", NetRig.get("/body/long"));

    EmbeddedConnection refused = ask("2001:db8:1:2:ffff::3", NetRig.get("/body/long"));
    EmbeddedConnection other = ask("2001:db8:1:3::1", NetRig.get("/body/long"));

    assertThatItIsRefused(refused);
    assertThat(Answer.countIn(other.received())).isZero();
    assertThat(rig.budgets.longResponses().sourceCount()).isEqualTo(2);
  }
}
