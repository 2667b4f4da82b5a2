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
  void readable_responseInSingleSegments_isOneResponseAndLookedInto() throws IOException {
    byte[] body = gzip(DELTA);
    byte[] response = response(body);
    reader.due(0, 0, buffer);

    for (byte segment : response) {
      say(new byte[] {segment});
    }

    assertThat(stats.reported())
        .containsEntry("asked", 1L)
        .containsEntry("status200", 1L)
        .containsEntry("bytes", (long) response.length)
        .containsEntry("inflated", 1L)
        .containsEntry("inflatedBytes", (long) DELTA.length());
  }

  @Test
  void due_beforeTheLastResponseIsWhole_isOverdueAndNotRequested() throws IOException {
    byte[] response = response(gzip(DELTA));
    reader.due(0, 0, buffer);
    say(Arrays.copyOf(response, response.length - 1));

    reader.due(1, 1, buffer);

    assertThat(stats.reported()).containsEntry("asked", 1L).containsEntry("overdue", 1L);
  }

  @Test
  void readable_responseOfSomethingElse_isNoDelta() throws IOException {
    reader.due(0, 0, buffer);

    say(response(gzip("{\"error\":{}}")));

    assertThat(stats.reported()).containsEntry("notADelta", 1L).doesNotContainKey("inflated");
  }

  @Test
  void readable_serverHangsUp_isLost() throws IOException {
    reader.due(0, 0, buffer);
    sockets.server().shutdownOutput();

    sockets.selector().select();
    reader.readable(0, buffer);

    assertThat(stats.reported()).containsEntry("lost", 1L);
    assertThat(reader.isOpen()).isFalse();
  }

  private void say(byte[] bytes) throws IOException {
    sockets.server().write(ByteBuffer.wrap(bytes));
    sockets.selector().select(key -> reader.readable(0, buffer));
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
