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
  private ServerSocket listener;
  private BlockingHttpConnection connection;
  private Socket accepted;

  @BeforeEach
  void connect() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    connection = new BlockingHttpConnection(listener.getLocalPort());
    accepted = listener.accept();
  }

  @AfterEach
  void close() throws IOException {
    connection.close();
    accepted.close();
    listener.close();
  }

  @Test
  void receive_pipelinedResponses_separatesThem() throws IOException {
    send("HTTP/1.1 204 \r\nDate: now\r\n\r\n"
        + "HTTP/1.1 200 OK\r\nETag: \"7\"\r\nContent-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"
        + "HTTP/1.1 304 Not Modified\r\nETag: \"7\"\r\n\r\n");

    BlockingHttpConnection.ResponseInfo first = receive();
    BlockingHttpConnection.ResponseInfo second = receive();
    BlockingHttpConnection.ResponseInfo third = receive();

    assertThat(first).isEqualTo(new BlockingHttpConnection.ResponseInfo(204, null, null));
    assertThat(second).isEqualTo(new BlockingHttpConnection.ResponseInfo(200, "\"7\"", "gzip"));
    assertThat(third).isEqualTo(new BlockingHttpConnection.ResponseInfo(304, "\"7\"", null));
    assertThat(body.toString(US_ASCII)).isEqualTo("abc");
  }

  @Test
  void receive_chunkedBodyLargerThanBuffer_isCompleteWithoutFraming() throws Exception {
    int chunks = 5_000;
    String chunk = "64\r\n" + "x".repeat(100) + "\r\n";
    Thread server =
        new Thread(() -> sendQuietly("HTTP/1.1 200 \r\nTransfer-Encoding: chunked\r\n\r\n"
            + chunk.repeat(chunks)
            + "0\r\n\r\nHTTP/1.1 204 \r\n\r\n"));
    server.start();

    BlockingHttpConnection.ResponseInfo first = receive();
    BlockingHttpConnection.ResponseInfo second = receive();

    server.join();
    assertThat(first.status()).isEqualTo(200);
    assertThat(body.size()).isEqualTo(100 * chunks);
    assertThat(second.status()).isEqualTo(204);
  }

  @Test
  void receive_connectionClosedInBody_throwsEofException() throws IOException {
    send("HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabc");
    accepted.shutdownOutput();

    assertThatThrownBy(this::receive).isInstanceOf(EOFException.class);
  }

  @Test
  void exchange_otherStatus_throwsWithBothStatuses() throws IOException {
    send("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n");

    assertThatThrownBy(() -> connection.exchange(new byte[] {'x'}, 204))
        .hasMessage("expected status 204, was 503");
  }

  private BlockingHttpConnection.ResponseInfo receive() throws IOException {
    return connection.receive(
        HttpMethod.GET, (bytes, start, length) -> body.write(bytes, start, length));
  }

  private void send(String text) throws IOException {
    accepted.getOutputStream().write(text.getBytes(US_ASCII));
  }

  private void sendQuietly(String text) {
    try {
      send(text);
    } catch (IOException e) {
      // The reader detects the incomplete response.
    }
  }
}
