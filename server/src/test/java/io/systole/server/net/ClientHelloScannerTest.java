// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.systole.server.net.ClientHelloScanner.Result;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClientHelloScannerTest {
  private static final int BODY_BYTES = 40;

  /**
   * Returns a ClientHello whose body is in records of these sizes; the first has its header too.
   */
  private static ByteBuf hello(int length, int... fragments) {
    ByteBuf bytes = Unpooled.buffer();
    for (int i = 0; i < fragments.length; i++) {
      bytes.writeByte(22).writeShort(0x301).writeShort(fragments[i] + (i == 0 ? 4 : 0));
      if (i == 0) {
        bytes.writeByte(1).writeMedium(length);
      }
      bytes.writeZero(fragments[i]);
    }
    return bytes;
  }

  private static Result scan(ByteBuf bytes) {
    return new ClientHelloScanner().scan(bytes);
  }

  @Test
  void scan_oneByteAtATime_isCompleteWithTheLast() {
    ByteBuf all = hello(BODY_BYTES, 1, 30, 9);
    ClientHelloScanner scanner = new ClientHelloScanner();

    for (int length = 1; length < all.readableBytes(); length++) {
      assertThat(scanner.scan(all.slice(0, length))).isEqualTo(Result.INCOMPLETE);
    }
    assertThat(scanner.scan(all)).isEqualTo(Result.COMPLETE);
  }

  @Test
  void scan_atMostTheRecords_isComplete() {
    int[] most = new int[ClientHelloScanner.RECORDS_MAX];
    int[] more = new int[ClientHelloScanner.RECORDS_MAX + 1];
    Arrays.fill(most, 1);
    Arrays.fill(more, 1);

    assertThat(scan(hello(most.length, most))).isEqualTo(Result.COMPLETE);
    assertThat(scan(hello(more.length, more))).isEqualTo(Result.INVALID);
  }

  @Test
  void scan_longerThanTheMaximum_isInvalidBeforeItArrives() {
    int longest = ClientHelloScanner.MESSAGE_BYTES_MAX - 4;

    assertThat(scan(hello(longest, 1))).isEqualTo(Result.INCOMPLETE);
    assertThat(scan(hello(longest + 1, 1))).isEqualTo(Result.INVALID);
  }

  @Test
  void scan_emptyRecordOrMoreThanTheMessage_isInvalid() {
    assertThat(scan(hello(BODY_BYTES, 1, 0))).isEqualTo(Result.INVALID);
    assertThat(scan(hello(BODY_BYTES, BODY_BYTES + 1))).isEqualTo(Result.INVALID);
  }

  /** Content type, version, record length beyond the maximum, and message type. */
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 5})
  void scan_otherBytes_isInvalid(int index) {
    ByteBuf bytes = hello(BODY_BYTES, BODY_BYTES);
    bytes.setByte(index, 0x42);

    assertThat(scan(bytes)).isEqualTo(Result.INVALID);
  }
}
