// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PeerResponseBodyTest {
  private static final int BYTES_MAX = 1_000_000;

  private final ResponseMemory memory = new ResponseMemory(BYTES_MAX);

  private PeerResponseBody body() {
    return new PeerResponseBody(BYTES_MAX, memory.newShare());
  }

  @Test
  void add_partsOfDifferentSizes_joinsThem() throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    ByteBuf whole = Unpooled.buffer();
    PeerResponseBody body = body();

    for (int i = 0; i < 50; i++) {
      byte[] part = new byte[random.nextInt(10_000)];
      random.nextBytes(part);
      whole.writeBytes(part);
      body.add(Unpooled.wrappedBuffer(part));
    }

    byte[] expected = new byte[whole.readableBytes()];
    whole.readBytes(expected);
    assertThat(body.toBytes()).isEqualTo(expected);
  }

  @Test
  void toBytes_withoutParts_isEmpty() {
    assertThat(body().toBytes()).isEmpty();
  }

  @Test
  void add_exceedsTheLimit_isRefused() throws IOException {
    PeerResponseBody body = body();
    body.add(part(BYTES_MAX));

    assertThatIOException().isThrownBy(() -> body.add(part(1))).withMessageContaining("1000000");
    assertThat(body.toBytes()).hasSize(BYTES_MAX);
  }

  /** Regression: every 1,024 parts, all bytes before were copied. */
  @Test
  void add_partsOfOneByte_isRefusedAfterAFew() throws IOException {
    PeerResponseBody body = body();
    for (int i = 0; i < PeerResponseBody.SMALL_PARTS_MAX; i++) {
      body.add(part(1));
    }

    assertThatIOException()
        .isThrownBy(() -> {
          for (int i = 0; i < 100; i++) {
            body.add(part(1));
          }
        })
        .withMessageContaining("parts for");
  }

  @Test
  void add_smallSegmentsOfALargeBody_areAccepted() throws IOException {
    PeerResponseBody body = body();

    for (int i = 0; i < 10_000; i++) {
      body.add(part(PeerResponseBody.PART_BYTES_MIN));
    }

    assertThat(body.toBytes()).hasSize(10_000 * PeerResponseBody.PART_BYTES_MIN);
  }

  /** The responses of 64 peers together had no limit. */
  @Test
  void add_otherPeersHoldTheMemory_isRefusedBeyondTheFreeBytes() throws IOException {
    ResponseMemory.Share other = memory.newShare();
    assertThat(other.hold(BYTES_MAX)).isTrue();
    PeerResponseBody body = body();
    body.add(part(ResponseMemory.FREE_BYTES));

    assertThatIOException()
        .isThrownBy(() -> body.add(part(BYTES_MAX / 2)))
        .withMessageContaining("other peers");

    other.release();
    body.add(part(BYTES_MAX / 2));
    assertThat(memory.newShare().hold(BYTES_MAX)).isFalse();
  }

  private static ByteBuf part(int bytes) {
    return Unpooled.wrappedBuffer(new byte[bytes]);
  }
}
