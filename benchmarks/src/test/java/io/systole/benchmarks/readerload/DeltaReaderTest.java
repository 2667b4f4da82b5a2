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

  private final ReaderStats tally = new ReaderStats();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
  private SocketPair sockets;
  private DeltaReader reader;

  @BeforeEach
  void connect() throws IOException {
    sockets = SocketPair.open();
    reader = new DeltaReader(sockets.client(), sockets.key(), "GET".getBytes(US_ASCII), 0, tally);
  }

  @AfterEach
  void close() throws IOException {
    reader.close();
    sockets.close();
  }

  @Test
  void readable_answerInSinglePieces_isOneAnswerAndLookedInto() throws IOException {
    byte[] body = gzip(DELTA);
    byte[] answer = answer(body);
    reader.due(0, 0, buffer);

    for (byte piece : answer) {
      say(new byte[] {piece});
    }

    assertThat(tally.told())
        .containsEntry("asked", 1L)
        .containsEntry("status200", 1L)
        .containsEntry("bytes", (long) answer.length)
        .containsEntry("inflated", 1L)
        .containsEntry("inflatedBytes", (long) DELTA.length());
  }

  @Test
  void due_beforeTheLastAnswerIsWhole_isOverdueAndNotAsked() throws IOException {
    byte[] answer = answer(gzip(DELTA));
    reader.due(0, 0, buffer);
    say(Arrays.copyOf(answer, answer.length - 1));

    reader.due(1, 1, buffer);

    assertThat(tally.told()).containsEntry("asked", 1L).containsEntry("overdue", 1L);
  }

  @Test
  void readable_answerOfSomethingElse_isNoDelta() throws IOException {
    reader.due(0, 0, buffer);

    say(answer(gzip("{\"error\":{}}")));

    assertThat(tally.told()).containsEntry("notADelta", 1L).doesNotContainKey("inflated");
  }

  @Test
  void readable_serverHangsUp_isLost() throws IOException {
    reader.due(0, 0, buffer);
    sockets.server().shutdownOutput();

    sockets.selector().select();
    reader.readable(0, buffer);

    assertThat(tally.told()).containsEntry("lost", 1L);
    assertThat(reader.isOpen()).isFalse();
  }

  private void say(byte[] bytes) throws IOException {
    sockets.server().write(ByteBuffer.wrap(bytes));
    sockets.selector().select(key -> reader.readable(0, buffer));
  }

  private static byte[] answer(byte[] body) throws IOException {
    ByteArrayOutputStream answer = new ByteArrayOutputStream();
    answer.write(
        ("HTTP/1.1 200 \r\nContent-Encoding: gzip\r\nContent-Length: " + body.length + "\r\n\r\n")
            .getBytes(US_ASCII));
    answer.write(body);
    return answer.toByteArray();
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(text.getBytes(US_ASCII));
    }
    return out.toByteArray();
  }
}
