// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.net.TestPassage.Spoken;
import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Bodies without an end: chunks, wakes from other threads, ends of either side. */
class HttpHandlerStreamTest {
  private final Spoken spoken = new Spoken();
  private NetRig rig = new NetRig();

  @AfterEach
  void closeRig() {
    rig.close();
  }

  private void useRig(Map<String, String> flags) {
    rig.close();
    rig = new NetRig(flags);
  }

  private EmbeddedConnection listen() {
    return listen(NetRig.get("/body/stream"));
  }

  private EmbeddedConnection listen(String request) {
    rig.bodies.put("stream", spoken.body());
    EmbeddedConnection connection = rig.connect();
    connection.read(request);
    rig.deliverReady();
    return connection;
  }

  /** What Netty's decoder reads: a status for each head, the chunks, and a dot for each end. */
  private static List<String> decoded(String received) {
    EmbeddedChannel decoder = new EmbeddedChannel(new HttpResponseDecoder());
    decoder.writeInbound(Unpooled.copiedBuffer(received, StandardCharsets.ISO_8859_1));
    List<String> parts = new ArrayList<>();
    for (Object part = decoder.readInbound(); part != null; part = decoder.readInbound()) {
      if (part instanceof HttpResponse head) {
        assertThat(head.decoderResult().isSuccess()).as("%s", head).isTrue();
        parts.add(Integer.toString(head.status().code()));
      }
      if (part instanceof HttpContent content) {
        if (content.content().isReadable()) {
          parts.add(content.content().toString(StandardCharsets.ISO_8859_1));
        }
        content.release();
      }
      if (part instanceof LastHttpContent) {
        parts.add(".");
      }
    }
    decoder.finishAndReleaseAll();
    return parts;
  }

  private void assertThatAllIsGivenBack() {
    assertThat(spoken.closedCount()).isEqualTo(1);
    assertThat(rig.budgets.streams().held()).isZero();
  }

  @Test
  void read_stream_sendsEachReadAsAChunkAtOnceAndTheConnectionLivesOn() {
    EmbeddedConnection connection = listen(NetRig.get("/body/stream") + NetRig.put("behind"));
    List<String> atFirst = decoded(connection.received());

    spoken.say("one");
    rig.deliverReady();
    List<String> afterOne = decoded(connection.received());
    spoken.say("two");
    spoken.say("three");
    rig.deliverReady();
    spoken.end();
    rig.deliverReady();
    connection.read(NetRig.put("later"));

    assertThat(atFirst).containsExactly("200");
    assertThat(afterOne).containsExactly("200", "one");
    assertThat(decoded(connection.received()))
        .containsExactly("200", "one", "two", "three", ".", "200", ".", "200", ".");
    assertThat(connection.received())
        .contains("\r\nTransfer-Encoding: chunked\r\n", "3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")
        .doesNotContain("Connection:");
    assertThat(connection.isOutputShutdown()).isFalse();
    assertThatAllIsGivenBack();
  }

  @Test
  void read_streamWokenFromAnotherThread_missesNothing() throws Exception {
    EmbeddedConnection connection = listen();
    List<String> expected = new ArrayList<>(List.of("200"));
    for (int i = 0; i < 2_000; i++) {
      expected.add("event " + i);
    }
    expected.add(".");

    Thread speaker = new Thread(() -> {
      expected.subList(1, 2_001).forEach(spoken::say);
      spoken.end();
    });
    speaker.start();
    while (!connection.received().endsWith("\r\n0\r\n\r\n")) {
      rig.deliverNext();
    }
    speaker.join(10_000);

    assertThat(decoded(connection.received())).isEqualTo(expected);
    rig.deliverReady();
    assertThatAllIsGivenBack();
  }

  @Test
  void read_manyWakesBeforeTheLoopComes_areOneTask() {
    EmbeddedConnection connection = listen();

    for (int i = 0; i < 1_000; i++) {
      spoken.say("x");
    }
    rig.deliverNext();
    boolean isBusyWithTheRound = rig.isBusy();
    rig.deliverNext();

    assertThat(isBusyWithTheRound).isTrue();
    assertThat(decoded(connection.received()).size()).isGreaterThan(10);
  }

  @Test
  void read_http10_isFramedByTheEndOfTheConnection() {
    EmbeddedConnection connection =
        listen("GET /body/stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    spoken.say("one");
    spoken.say("two");
    rig.deliverReady();
    boolean endedBefore = connection.isOutputShutdown();
    spoken.end();
    rig.deliverReady();

    assertThat(endedBefore).isFalse();
    assertThat(connection.received())
        .contains("\r\nConnection: close\r\n")
        .doesNotContain("Transfer-Encoding", "Content-Length", "keep-alive")
        .endsWith("\r\n\r\nonetwo");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThatAllIsGivenBack();
  }

  @Test
  void read_http10WithRequestsBehind_responsesNothingBehindTheEnd() {
    EmbeddedConnection connection = listen(
        "GET /body/stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n" + NetRig.put("behind"));

    spoken.say("one");
    spoken.end();
    rig.deliverReady();

    assertThat(connection.received()).endsWith("\r\n\r\none");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void read_head_saysHowItWouldBeFramedAndOpensNothing() {
    EmbeddedConnection connection =
        listen("HEAD /body/stream HTTP/1.1\r\n" + NetRig.HOST + NetRig.put("next"));

    assertThat(connection.received())
        .contains("\r\nTransfer-Encoding: chunked\r\n")
        .containsPattern("\r\n\r\nHTTP/1.1 200 OK\r\n")
        .endsWith("\r\n\r\n");
    assertThat(rig.budgets.streams().held()).isZero();
  }

  @Test
  void read_moreStreamsThanMayBe_is503UntilOneEnds() {
    useRig(Map.of("--max-streams", "1"));
    EmbeddedConnection first = listen();
    EmbeddedConnection second = rig.connect();

    second.read(NetRig.get("/body/stream"));
    first.close();
    second.read(NetRig.get("/body/stream"));

    assertThat(second.received())
        .startsWith("HTTP/1.1 503 ")
        .containsPattern("\r\nRetry-After: [1-4]\r\n");
    assertThat(decoded(second.received())).containsExactly("503", ".", "200");
    assertThat(rig.counters.responseRefusals()).isEqualTo(1);
  }

  @Test
  void checkTimeouts_quietStream_outlivesTheIdleAndTheResponseTimeout() {
    useRig(Map.of("--idle-timeout-ms", "1000", "--response-timeout-ms", "1000"));
    EmbeddedConnection connection = listen();

    rig.passMs(1_000_000);
    spoken.say("still there");
    rig.deliverReady();

    assertThat(decoded(connection.received())).containsExactly("200", "still there");
  }

  @Test
  void checkTimeouts_streamWhosePeerDoesNotRead_isASlowReader() {
    useRig(Map.of("--write-timeout-ms", "10000"));
    EmbeddedConnection connection = listen();
    connection.peerStopsReading();
    spoken.say("one");
    spoken.say("two");
    rig.deliverReady();

    rig.passMs(10_000);
    boolean isOpenAtTheBound = connection.isOpen();
    rig.passMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(rig.counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(1);
    assertThatAllIsGivenBack();
  }

  @Test
  void inactive_amidAStream_closesItOnceAndLaterWakesDoNothing() {
    EmbeddedConnection connection = listen();
    spoken.say("one");

    connection.close();
    spoken.say("two");
    rig.deliverReady();
    spoken.say("three");
    rig.deliverReady();

    assertThat(decoded(connection.received())).containsExactly("200");
    assertThat(rig.counters.errors()).isZero();
    assertThatAllIsGivenBack();
  }

  @Test
  void stop_streamIsWokenAfterwards_doesNotHurtWhoeverWakesIt() {
    listen();

    rig.stopLoop();
    spoken.say("too late");

    assertThat(rig.isBusy()).isFalse();
  }

  @Test
  void inputEnded_amidAStream_endsItAndTheConnection() {
    EmbeddedConnection connection = listen();
    spoken.say("one");
    rig.deliverReady();

    connection.endInput();
    rig.deliverReady();

    assertThat(decoded(connection.received())).containsExactly("200", "one", ".");
    assertThat(connection.isOpen()).isFalse();
    assertThatAllIsGivenBack();
  }

  @Test
  void drain_amidAStream_endsItWithItsLastChunk() {
    EmbeddedConnection connection = listen(NetRig.get("/body/stream") + NetRig.put("behind"));
    connection.peerStopsReading();
    spoken.say("one");
    rig.deliverReady();

    rig.context.endConnections();
    rig.deliverReady();
    connection.peerReadsAgain();
    rig.deliverReady();

    assertThat(decoded(connection.received())).containsExactly("200", "one", ".", "200", ".");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThatAllIsGivenBack();
  }

  @Test
  void drain_streamsNotBegunYet_endAsSoonAsTheyBegin() {
    EmbeddedConnection connection =
        listen(NetRig.get("/late/first") + NetRig.get("/body/stream") + NetRig.put("behind"));

    rig.context.endConnections();
    rig.responseLate("first");
    rig.deliverReady();

    assertThat(decoded(connection.received()))
        .containsExactly("200", "late first", ".", "200", ".", "200", ".");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertThatAllIsGivenBack();
  }

  @Test
  void wake_whileTheBodyIsBeingOpened_isNotLost() {
    AtomicInteger closed = new AtomicInteger();
    rig.bodies.put("eager", ResponseBody.endless(wake -> {
      spoken.say("at once");
      wake.run();
      spoken.end();
      return new BodySource() {
        @Override
        public int read(byte[] into, int from, int length) {
          return spoken.read(into, from, length);
        }

        @Override
        public void close() {
          closed.incrementAndGet();
        }
      };
    }));
    EmbeddedConnection connection = rig.connect();

    connection.read(NetRig.get("/body/eager"));
    rig.deliverReady();

    assertThat(decoded(connection.received())).containsExactly("200", "at once", ".");
    assertThat(closed).hasValue(1);
  }
}
