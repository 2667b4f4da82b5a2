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
import io.systole.server.net.TestBodySource.ScriptedStream;
import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Streamed bodies of unknown length: chunks, wakes from other threads, ends of either side. */
class HttpHandlerStreamTest {
  private final ScriptedStream stream = new ScriptedStream();
  private HttpHandlerFixture fixture = new HttpHandlerFixture();

  @AfterEach
  void closeFixture() {
    fixture.close();
  }

  private void useFixture(Map<String, String> flags) {
    fixture.close();
    fixture = new HttpHandlerFixture(flags);
  }

  private EmbeddedConnection listen() {
    return listen(HttpHandlerFixture.get("/body/stream"));
  }

  private EmbeddedConnection listen(String request) {
    fixture.bodies.put("stream", stream.body());
    EmbeddedConnection connection = fixture.connect();
    connection.read(request);
    fixture.runReadyTasks();
    return connection;
  }

  /** Decodes by Netty: a status for each head, the chunks, and a dot for each end. */
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

  private void assertAllIsReleased() {
    assertThat(stream.closedCount()).isEqualTo(1);
    assertThat(fixture.quotas.streams().reserved()).isZero();
  }

  @Test
  void read_stream_sendsEachReadAsAChunkAndKeepsTheConnection() {
    EmbeddedConnection connection =
        listen(HttpHandlerFixture.get("/body/stream") + HttpHandlerFixture.put("behind"));
    List<String> atFirst = decoded(connection.received());

    stream.emit("one");
    fixture.runReadyTasks();
    List<String> afterOne = decoded(connection.received());
    stream.emit("two");
    stream.emit("three");
    fixture.runReadyTasks();
    stream.end();
    fixture.runReadyTasks();
    connection.read(HttpHandlerFixture.put("later"));

    assertThat(atFirst).containsExactly("200");
    assertThat(afterOne).containsExactly("200", "one");
    assertThat(decoded(connection.received()))
        .containsExactly("200", "one", "two", "three", ".", "200", ".", "200", ".");
    assertThat(connection.received())
        .contains("\r\nTransfer-Encoding: chunked\r\n", "3\r\ntwo\r\n5\r\nthree\r\n0\r\n\r\n")
        .doesNotContain("Connection:");
    assertThat(connection.isOutputShutdown()).isFalse();
    assertAllIsReleased();
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
      expected.subList(1, 2_001).forEach(stream::emit);
      stream.end();
    });
    speaker.start();
    while (!connection.received().endsWith("\r\n0\r\n\r\n")) {
      fixture.runNextTask();
    }
    speaker.join(10_000);

    assertThat(decoded(connection.received())).isEqualTo(expected);
    fixture.runReadyTasks();
    assertAllIsReleased();
  }

  @Test
  void read_manyWakesBeforeTheLoopRuns_areOneTask() {
    EmbeddedConnection connection = listen();

    for (int i = 0; i < 1_000; i++) {
      stream.emit("x");
    }
    fixture.runNextTask();
    boolean isBusyWithTheRound = fixture.hasTasks();
    fixture.runNextTask();

    assertThat(isBusyWithTheRound).isTrue();
    assertThat(decoded(connection.received()).size()).isGreaterThan(10);
  }

  @Test
  void read_http10_isFramedByTheEndOfTheConnection() {
    EmbeddedConnection connection =
        listen("GET /body/stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");

    stream.emit("one");
    stream.emit("two");
    fixture.runReadyTasks();
    boolean endedBefore = connection.isOutputShutdown();
    stream.end();
    fixture.runReadyTasks();

    assertThat(endedBefore).isFalse();
    assertThat(connection.received())
        .contains("\r\nConnection: close\r\n")
        .doesNotContain("Transfer-Encoding", "Content-Length", "keep-alive")
        .endsWith("\r\n\r\nonetwo");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertAllIsReleased();
  }

  @Test
  void read_http10WithRequestsBehind_ignoresThem() {
    EmbeddedConnection connection =
        listen("GET /body/stream HTTP/1.0\r\nConnection: keep-alive\r\n\r\n"
            + HttpHandlerFixture.put("behind"));

    stream.emit("one");
    stream.end();
    fixture.runReadyTasks();

    assertThat(connection.received()).endsWith("\r\n\r\none");
    assertThat(connection.isOutputShutdown()).isTrue();
  }

  @Test
  void read_head_hasTheFramingFieldsAndOpensNoSource() {
    EmbeddedConnection connection = listen("HEAD /body/stream HTTP/1.1\r\n"
        + HttpHandlerFixture.HOST + HttpHandlerFixture.put("next"));

    assertThat(connection.received())
        .contains("\r\nTransfer-Encoding: chunked\r\n")
        .containsPattern("\r\n\r\nHTTP/1.1 200 OK\r\n")
        .endsWith("\r\n\r\n");
    assertThat(fixture.quotas.streams().reserved()).isZero();
  }

  @Test
  void read_streamsOverTheQuota_is503UntilOneEnds() {
    useFixture(Map.of("--max-streams", "1"));
    EmbeddedConnection first = listen();
    EmbeddedConnection second = fixture.connect();

    second.read(HttpHandlerFixture.get("/body/stream"));
    first.close();
    second.read(HttpHandlerFixture.get("/body/stream"));

    assertThat(second.received())
        .startsWith("HTTP/1.1 503 ")
        .containsPattern("\r\nRetry-After: [1-4]\r\n");
    assertThat(decoded(second.received())).containsExactly("503", ".", "200");
    assertThat(fixture.counters.responseRefusals()).isEqualTo(1);
  }

  @Test
  void checkTimeouts_quietStream_outlivesTheIdleAndTheResponseTimeout() {
    useFixture(Map.of("--idle-timeout", "1s", "--response-timeout", "1s"));
    EmbeddedConnection connection = listen();

    fixture.advanceMs(1_000_000);
    stream.emit("still there");
    fixture.runReadyTasks();

    assertThat(decoded(connection.received())).containsExactly("200", "still there");
  }

  @Test
  void checkTimeouts_streamWhosePeerDoesNotRead_isASlowReader() {
    useFixture(Map.of("--write-timeout", "10s"));
    EmbeddedConnection connection = listen();
    connection.peerStopsReading();
    stream.emit("one");
    stream.emit("two");
    fixture.runReadyTasks();

    fixture.advanceMs(10_000);
    boolean isOpenAtTheBound = connection.isOpen();
    fixture.advanceMs(1);

    assertThat(isOpenAtTheBound).isTrue();
    assertThat(connection.isOpen()).isFalse();
    assertThat(fixture.counters.connectionsClosed(Closed.SLOW_READER)).isEqualTo(1);
    assertAllIsReleased();
  }

  @Test
  void inactive_amidAStream_closesItOnceAndLaterWakesDoNothing() {
    EmbeddedConnection connection = listen();
    stream.emit("one");

    connection.close();
    stream.emit("two");
    fixture.runReadyTasks();
    stream.emit("three");
    fixture.runReadyTasks();

    assertThat(decoded(connection.received())).containsExactly("200");
    assertThat(fixture.counters.errors()).isZero();
    assertAllIsReleased();
  }

  @Test
  void stop_streamIsWokenAfterwards_doesNotThrow() {
    listen();

    fixture.stopLoop();
    stream.emit("too late");

    assertThat(fixture.hasTasks()).isFalse();
  }

  @Test
  void inputEnded_duringAStream_endsItAndTheConnection() {
    EmbeddedConnection connection = listen();
    stream.emit("one");
    fixture.runReadyTasks();

    connection.endInput();
    fixture.runReadyTasks();

    assertThat(decoded(connection.received())).containsExactly("200", "one", ".");
    assertThat(connection.isOpen()).isFalse();
    assertAllIsReleased();
  }

  @Test
  void drain_amidAStream_endsItWithItsLastChunk() {
    EmbeddedConnection connection =
        listen(HttpHandlerFixture.get("/body/stream") + HttpHandlerFixture.put("behind"));
    connection.peerStopsReading();
    stream.emit("one");
    fixture.runReadyTasks();

    fixture.context.drain();
    fixture.runReadyTasks();
    connection.peerReadsAgain();
    fixture.runReadyTasks();

    assertThat(decoded(connection.received())).containsExactly("200", "one", ".", "200", ".");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertAllIsReleased();
  }

  @Test
  void drain_streamsNotBegunYet_endAsSoonAsTheyBegin() {
    EmbeddedConnection connection = listen(HttpHandlerFixture.get("/late/first")
        + HttpHandlerFixture.get("/body/stream")
        + HttpHandlerFixture.put("behind"));

    fixture.context.drain();
    fixture.respondLate("first");
    fixture.runReadyTasks();

    assertThat(decoded(connection.received()))
        .containsExactly("200", "late first", ".", "200", ".", "200", ".");
    assertThat(connection.isOutputShutdown()).isTrue();
    assertAllIsReleased();
  }

  @Test
  void wake_whileTheBodyIsBeingOpened_isNotLost() {
    AtomicInteger closed = new AtomicInteger();
    fixture.bodies.put("eager", ResponseBody.streaming(wake -> {
      stream.emit("at once");
      wake.run();
      stream.end();
      return new BodySource() {
        @Override
        public int read(byte[] into, int from, int length) {
          return stream.read(into, from, length);
        }

        @Override
        public void close() {
          closed.incrementAndGet();
        }
      };
    }));
    EmbeddedConnection connection = fixture.connect();

    connection.read(HttpHandlerFixture.get("/body/eager"));
    fixture.runReadyTasks();

    assertThat(decoded(connection.received())).containsExactly("200", "at once", ".");
    assertThat(closed).hasValue(1);
  }
}
