// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class DeltaReaderTest {
  private static final String DELTA = "{\"applications\":{\"apps__hashcode\":\"\"}}";

  private final ReaderStats stats = new ReaderStats();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
  private SocketPair sockets;
  private DeltaReader reader;

  @BeforeEach
  void connect() throws IOException {
    sockets = SocketPair.open();
    reader = new DeltaReader(sockets.client(), sockets.key(), "GET".getBytes(US_ASCII), 0, stats);
  }

  @AfterEach
  void close() throws IOException {
    reader.close();
    sockets.close();
  }

  @Test
  void onReadable_responseByteByByte_countsAndInflatesOneResponse() throws IOException {
    byte[] body = gzip(DELTA);
    byte[] response = response(body);
    reader.onDue(0, 0, buffer);

    for (byte segment : response) {
      send(new byte[] {segment});
    }

    assertThat(stats.toMap())
        .containsEntry("requests", 1L)
        .containsEntry("status200", 1L)
        .containsEntry("bytes", (long) response.length)
        .containsEntry("inflated", 1L)
        .containsEntry("inflatedBytes", (long) DELTA.length());
  }

  @Test
  void onDue_responseIncomplete_countsOverdueAndSendsNothing() throws IOException {
    byte[] response = response(gzip(DELTA));
    reader.onDue(0, 0, buffer);
    send(Arrays.copyOf(response, response.length - 1));

    reader.onDue(1, 1, buffer);

    assertThat(stats.toMap()).containsEntry("requests", 1L).containsEntry("overdue", 1L);
  }

  @Test
  void onReadable_responseWithoutDelta_countsNotADelta() throws IOException {
    reader.onDue(0, 0, buffer);

    send(response(gzip("{\"error\":{}}")));

    assertThat(stats.toMap()).containsEntry("notADelta", 1L).doesNotContainKey("inflated");
  }

  @Test
  void onReadable_connectionClosed_countsLost() throws IOException {
    reader.onDue(0, 0, buffer);
    sockets.server().shutdownOutput();

    sockets.selector().select();
    reader.onReadable(0, buffer);

    assertThat(stats.toMap()).containsEntry("lost", 1L);
    assertThat(reader.isOpen()).isFalse();
  }

  private void send(byte[] bytes) throws IOException {
    sockets.server().write(ByteBuffer.wrap(bytes));
    sockets.selector().select(key -> reader.onReadable(0, buffer));
  }

  private static byte[] response(byte[] body) throws IOException {
    ByteArrayOutputStream response = new ByteArrayOutputStream();
    response.write(
        ("HTTP/1.1 200 \r\nContent-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n")
            .getBytes(US_ASCII));
    response.write(body);
    return response.toByteArray();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(US_ASCII));
    }
    return out.toByteArray();
  }
}
