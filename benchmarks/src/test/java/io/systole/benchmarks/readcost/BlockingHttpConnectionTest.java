// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.http.HttpMethod;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class BlockingHttpConnectionTest {
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private ServerSocket listening;
  private BlockingHttpConnection wire;
  private Socket accepted;

  @BeforeEach
  void connect() throws IOException {
    listening = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    wire = new BlockingHttpConnection(listening.getLocalPort());
    accepted = listening.accept();
  }

  @AfterEach
  void close() throws IOException {
    wire.close();
    accepted.close();
    listening.close();
  }

  @Test
  void receive_responsesInARow_partsThem() throws IOException {
    response("HTTP/1.1 204 \r\nDate: now\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nETag: \"7\"\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        + "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n");

    BlockingHttpConnection.Answer first = receive();
    BlockingHttpConnection.Answer second = receive();
    BlockingHttpConnection.Answer third = receive();

    assertThat(first).isEqualTo(new BlockingHttpConnection.Answer(204, null, null));
    assertThat(second).isEqualTo(new BlockingHttpConnection.Answer(200, "\"7\"", "gzip"));
    assertThat(third).isEqualTo(new BlockingHttpConnection.Answer(304, "\"7\"", null));
    assertThat(body.toString(US_ASCII)).isEqualTo("abc");
  }

  @Test
  void receive_chunkedBodyLargerThanTheBuffer_isWholeWithoutItsFraming() throws Exception {
    int chunks = 5_000;
    String chunk = "64\r\n" + "x".repeat(100) + "\r\n";
    Thread server =
        new Thread(() -> responseQuietly("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n"
            + chunk.repeat(chunks)
            + "0\r\n\r\nHTTP/1.1 204 \r\n\r\n"));
    server.start();

    BlockingHttpConnection.Answer first = receive();
    BlockingHttpConnection.Answer second = receive();

    server.join();
    assertThat(first.status()).isEqualTo(200);
    assertThat(body.size()).isEqualTo(100 * chunks);
    assertThat(second.status()).isEqualTo(204);
  }

  @Test
  void receive_connectionEndsWithinTheBody_isRefused() throws IOException {
    response("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc");
    accepted.shutdownOutput();

    assertThatThrownBy(this::receive).isInstanceOf(EOFException.class);
  }

  @Test
  void exchange_anotherStatus_saysWhich() throws IOException {
    response("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");

    assertThatThrownBy(() -> wire.exchange(new byte[] {'x'}, 204))
        .hasMessage("expected status 204, was 503");
  }

  private BlockingHttpConnection.Answer receive() throws IOException {
    return wire.receive(HttpMethod.GET, (bytes, start, length) -> body.write(bytes, start, length));
  }

  private void response(String text) throws IOException {
    accepted.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private void responseQuietly(String text) {
    try {
      response(text);
    } catch (IOException e) {
      // The reader sees that the answer is not whole.
    }
  }
}
