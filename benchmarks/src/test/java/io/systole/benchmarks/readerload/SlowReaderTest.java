// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readerload;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
final class SlowReaderTest {
  private static final int BYTES_PER_TURN = 20;

  private final ReaderStats stats = new ReaderStats();
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16);
  private SocketPair sockets;
  private SlowReader reader;

  @BeforeEach
  void connect() throws IOException {
    sockets = SocketPair.open();
    reader = new SlowReader(
        sockets.client(), sockets.key(), "GET".getBytes(US_ASCII), BYTES_PER_TURN, stats);
  }

  @AfterEach
  void close() throws IOException {
    reader.close();
    sockets.close();
  }

  @Test
  void onDue_muchInput_readsOnlyBytesPerTurn() throws IOException {
    sockets
        .server()
        .write(ByteBuffer.wrap(("HTTP/1.1 200 OK" + " ".repeat(1_000)).getBytes(US_ASCII)));
    reader.onDue(0, 0, buffer);
    awaitInput();

    reader.onDue(1, 1, buffer);
    reader.onDue(2, 2, buffer);

    assertThat(stats.toMap())
        .containsEntry("requests", 1L)
        .containsEntry("status200", 1L)
        .containsEntry("bytes", 40L);
  }

  @Test
  void onDue_connectionReset_countsCutAndTime() throws IOException {
    reader.onDue(0, 5_000_000, buffer);
    sockets.server().setOption(StandardSocketOptions.SO_LINGER, 0);
    sockets.server().close();
    awaitInput();

    reader.onDue(1, 105_000_000, buffer);

    assertThat(reader.isOpen()).isFalse();
    assertThat(stats.toMap()).containsEntry("cut", 1L);
    assertThat(stats.toMap())
        .extractingByKey("cutAfterMaxMs", InstanceOfAssertFactories.DOUBLE)
        .isBetween(99.0, 101.0);
  }

  private void awaitInput() throws IOException {
    sockets.key().interestOps(SelectionKey.OP_READ);
    sockets.selector().select();
    sockets.key().interestOps(0);
  }
}
