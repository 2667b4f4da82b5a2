// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BufferLeakExtensionTest {
  private static final Duration SHORT = Duration.ofMillis(20);

  @Test
  void requireNoneSince_bufferNotReleased_failsWithItsAllocationSite() {
    long mark = OpenBuffers.mark();

    ByteBuf leaked = ByteBufAllocator.DEFAULT.directBuffer(16);

    try {
      assertThatThrownBy(() -> BufferLeakExtension.requireNoneSince(mark, SHORT))
          .isInstanceOf(AssertionError.class)
          .hasMessage("1 buffers were left open")
          .hasStackTraceContaining("BufferLeakExtensionTest");
    } finally {
      leaked.release();
    }
  }

  @Test
  void requireNoneSince_bufferReleased_passes() {
    long mark = OpenBuffers.mark();

    ByteBufAllocator.DEFAULT.directBuffer(16).release();

    assertThatCode(() -> BufferLeakExtension.requireNoneSince(mark, SHORT))
        .doesNotThrowAnyException();
  }
}
