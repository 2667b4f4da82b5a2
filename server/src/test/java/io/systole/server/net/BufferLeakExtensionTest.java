// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class BufferLeakExtensionTest {
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final String OWNER = BufferLeakExtensionTest.class.getName();

  @Test
  void requireNoneSince_bufferNotReleased_failsWithItsAllocationSite() {
    long mark = OpenBuffers.mark();

    ByteBuf leaked = ByteBufAllocator.DEFAULT.directBuffer(16);

    try {
      assertThatThrownBy(() -> BufferLeakExtension.requireNoneSince(mark, OWNER, SHORT))
          .isInstanceOf(AssertionError.class)
          .hasMessage("1 buffers were left open")
          .hasStackTraceContaining("BufferLeakExtensionTest");
    } finally {
      leaked.release();
    }
  }

  @Test
  void requireNoneSince_bufferOpenedByAStartedThread_fails() throws Exception {
    long mark = OpenBuffers.mark();
    List<ByteBuf> leaked = new CopyOnWriteArrayList<>();
    Thread thread = new Thread(() -> leaked.add(ByteBufAllocator.DEFAULT.directBuffer(16)));

    thread.start();
    thread.join();

    try {
      assertThatThrownBy(() -> BufferLeakExtension.requireNoneSince(mark, OWNER, SHORT))
          .isInstanceOf(AssertionError.class);
      assertThatCode(() -> BufferLeakExtension.requireNoneSince(mark, "another class", SHORT))
          .doesNotThrowAnyException();
    } finally {
      leaked.forEach(ByteBuf::release);
    }
  }

  @Test
  void requireNoneSince_bufferReleased_passes() {
    long mark = OpenBuffers.mark();

    ByteBufAllocator.DEFAULT.directBuffer(16).release();

    assertThatCode(() -> BufferLeakExtension.requireNoneSince(mark, OWNER, SHORT))
        .doesNotThrowAnyException();
  }
}
