// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import io.netty.channel.Channel;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.systole.client.net.ServerAddress;
import io.systole.server.net.BufferLeakExtension;
import io.systole.server.peer.PeerConnection.Limits;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(BufferLeakExtension.class)
class PeerConnectionTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final byte[] BODY = "{}".getBytes(StandardCharsets.UTF_8);

  /** The channels of the connection. */
  private static final List<Channel> OPENED = new CopyOnWriteArrayList<>();

  /** A channel that is added to {@link #OPENED}; Netty requires it to be public. */
  public static final class OpenedChannel extends NioSocketChannel {
    public OpenedChannel() {
      OPENED.add(this);
    }
  }

  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private FakePeer peer;
  private PeerConnection connection;

  @BeforeEach
  void open() throws IOException {
    OPENED.clear();
    peer = new FakePeer();
    connection = connectionTo(peer.port());
  }

  private PeerConnection connectionTo(int port) {
    return new PeerConnection(
        loops.next(),
        OpenedChannel.class,
        new PeerAddress(
            ServerAddress.of(URI.create("http://127.0.0.1:" + port + "/eureka")),
            InetAddress.getLoopbackAddress()),
        null,
        new Limits(60_000, 60_000, 1_000),
        new ResponseMemory(0).newShare());
  }

  @AfterEach
  void close() throws Exception {
    connection.close();
    peer.close();
    loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).await();
  }

  /** The close of the former channel failed the request on the next one, or repeated its own. */
  @Test
  void post_rightAfterClose_isAnsweredOnAnotherChannel() {
    assertThat(connection.post("/first", BODY)).succeedsWithin(LIMIT);
    peer.otherwise = (request, out) -> {
      if (!request.head().contains("/second")) {
        FakePeer.accept(request, out);
      }
    };
    CompletableFuture<PeerResponse> second = connection.post("/second", BODY);

    // In one task of the event loop, so that the former channel becomes inactive after them.
    CompletableFuture<PeerResponse> third = CompletableFuture.supplyAsync(
            () -> {
              connection.close();
              return connection.post("/third", BODY);
            },
            loops.next())
        .thenCompose(sent -> sent);

    assertThat(third)
        .succeedsWithin(LIMIT)
        .satisfies(r -> assertThat(r.status()).isEqualTo(200));
    assertThat(second).failsWithin(LIMIT);
    assertThat(peer.requests).filteredOn(r -> r.head().contains("/second")).hasSizeLessThan(2);
  }

  /** A peer recognizes by the number that a batch was delivered late. */
  @Test
  void post_batches_haveGrowingNumbersOfOneSequenceUntilOneIsRefusedAsLate() {
    List<Integer> statuses = List.of(200, 503, 409, 200);
    statuses.forEach(status -> {
      peer.otherwise = FakePeer.status(status);
      assertThat(connection.post("/batch", BODY)).succeedsWithin(LIMIT);
    });

    Pattern position = Pattern.compile("(?i)systole-batch: (\\S+)/(\\d+)");
    List<MatchResult> sent = peer.requests.stream()
        .flatMap(request -> position.matcher(request.head()).results())
        .toList();
    assertThat(sent).extracting(found -> found.group(2)).containsExactly("1", "2", "3", "4");
    assertThat(sent.subList(0, 3))
        .extracting(found -> found.group(1))
        .containsOnly(sent.get(0).group(1));
    assertThat(sent.get(3).group(1)).isNotEqualTo(sent.get(0).group(1));
  }

  /** Regression: closing the channel failed, as its handlers had been removed. */
  @Test
  void close_afterThePeerHasClosed_doesNothing() throws Exception {
    peer.otherwise = (request, out) -> {
      FakePeer.accept(request, out);
      throw new IOException("close");
    };
    assertThat(connection.post("/first", BODY)).succeedsWithin(LIMIT);
    await().atMost(LIMIT).until(() -> OPENED.stream().noneMatch(Channel::isRegistered));

    List<String> warnings = PeerFixture.captureAll("io.netty", Level.WARN, () -> {
      connection.close();
      assertThat(loops.next().submit(() -> {})).succeedsWithin(LIMIT);
    });

    assertThat(warnings).isEmpty();
  }

  /** Regression: an interim response was taken for the final one. */
  @Test
  void post_interimResponses_areSkipped() {
    String interim = "HTTP/1.1 100 x\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\n";
    respond(interim + "HTTP/1.1 204 x\r\nContent-Length: 0\r\n\r\n");

    assertThat(connection.post("/first", BODY))
        .succeedsWithin(LIMIT)
        .satisfies(r -> assertThat(r.status()).isEqualTo(204));
    assertThat(connection.post("/second", BODY)).succeedsWithin(LIMIT);
    assertThat(OPENED).hasSize(1);
  }

  @Test
  void post_moreInterimResponsesThanAllowed_fails() {
    respond("HTTP/1.1 100 x\r\n\r\n".repeat(9));

    assertFails("too many interim responses");
  }

  /** Regression: the result was a 200 without a body. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "HTTP/1.1 200 x\r\nContent-Length: z\r\n\r\n{}",
        "HTTP/1.1 200 x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n{}",
        "HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}",
        "SSH-2.0-x\r\n\r\n"
      })
  void post_responseIsMalformed_fails(String response) {
    respond(response);

    assertFails("malformed response from");
  }

  private void respond(String response) {
    peer.otherwise = (request, out) -> out.write(response.getBytes(StandardCharsets.US_ASCII));
  }

  private void assertFails(String reason) {
    assertThat(connection.post("/batch", BODY))
        .failsWithin(LIMIT)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining(reason);
  }

  /** A body in chunks of one byte blocked the event loop for minutes. */
  @Test
  void post_responseInTinyChunks_failsAfterAFew() {
    respond("HTTP/1.1 200 x\r\nTransfer-Encoding: chunked\r\n\r\n" + "1\r\n \r\n".repeat(5_000));

    assertThat(connection.post("/batch", BODY, 100_000))
        .failsWithin(LIMIT)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("parts for");
  }

  /** It has a separate limit, as it depends on the items of the batch. */
  @Test
  void post_withALimit_acceptsALargerResponse() {
    String body = " ".repeat(5_000);
    respond("HTTP/1.1 200 x\r\nContent-Length: 5000\r\n\r\n" + body);

    assertFails("exceeds 1000 bytes");
    assertThat(connection.post("/batch", BODY, 5_000))
        .succeedsWithin(LIMIT)
        .satisfies(r -> assertThat(r.body()).hasSize(5_000));
  }

  /** Each further batch was added to those that the peer had not read. */
  @Test
  void post_successBeforeTheRequestIsRead_failsAndClosesTheChannel() throws Exception {
    assertThat(postUnread("200"))
        .failsWithin(LIMIT)
        .withThrowableOfType(ExecutionException.class)
        .withMessageContaining("before it had received the request");

    await().atMost(LIMIT).until(() -> OPENED.stream().noneMatch(Channel::isOpen));
  }

  @Test
  void post_refusalBeforeTheRequestIsRead_isReturnedAndClosesTheChannel() throws Exception {
    assertThat(postUnread("413"))
        .succeedsWithin(LIMIT)
        .satisfies(r -> assertThat(r.status()).isEqualTo(413));

    await().atMost(LIMIT).until(() -> OPENED.stream().noneMatch(Channel::isOpen));
  }

  /** Sends more than the buffers of the system hold to a server that reads only the first byte. */
  private CompletableFuture<PeerResponse> postUnread(String status) throws Exception {
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        PeerConnection unread = connectionTo(server.getLocalPort())) {
      CompletableFuture<PeerResponse> result = unread.post("/batch", new byte[64 << 20]);
      try (Socket socket = server.accept()) {
        assertThat(socket.getInputStream().read()).isNotNegative();
        socket
            .getOutputStream()
            .write(("HTTP/1.1 " + status + " x\r\nContent-Length: 0\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        result.exceptionally(failure -> null).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
      }
      return result;
    }
  }

  /** Empty lines were parsed as long as the peer sent them. */
  @Test
  void bytes_whileNoRequestIsInFlight_closeTheChannel() throws Exception {
    AtomicReference<OutputStream> toNode = new AtomicReference<>();
    peer.otherwise = (request, out) -> {
      toNode.set(out);
      FakePeer.accept(request, out);
    };
    assertThat(connection.post("/first", BODY)).succeedsWithin(LIMIT);

    OutputStream out = requireNonNull(toNode.get());
    out.write('\n');
    out.flush();

    await().atMost(LIMIT).until(() -> OPENED.stream().noneMatch(Channel::isOpen));
    assertThat(connection.post("/second", BODY)).succeedsWithin(LIMIT);
  }

  /** Regression: the connection stayed open and sent the request that had already failed. */
  @Test
  void close_whileConnecting_sendsNothing() {
    CompletableFuture<PeerResponse> sent = CompletableFuture.supplyAsync(
            () -> {
              CompletableFuture<PeerResponse> first = connection.post("/first", BODY);
              connection.close();
              return first;
            },
            loops.next())
        .thenCompose(first -> first);

    assertThat(sent).failsWithin(LIMIT);
    assertThat(connection.post("/next", BODY)).succeedsWithin(LIMIT);
    assertThat(peer.requests).noneMatch(request -> request.head().contains("/first"));
  }
}
