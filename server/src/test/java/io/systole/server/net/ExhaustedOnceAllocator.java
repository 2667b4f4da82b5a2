// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.AbstractByteBufAllocator;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** An allocator that fails once, by an error as for exhausted buffers. */
final class ExhaustedOnceAllocator extends AbstractByteBufAllocator {
  private final ByteBufAllocator allocator;
  private boolean isExhausted = true;

  private ExhaustedOnceAllocator(ByteBufAllocator allocator) {
    super(true);
    this.allocator = allocator;
  }

  /** Lets the next buffer of a connection fail; returns the connection. */
  static EmbeddedConnection useIn(EmbeddedConnection connection) {
    connection.config().setAllocator(new ExhaustedOnceAllocator(connection.alloc()));
    return connection;
  }

  @Override
  protected ByteBuf newHeapBuffer(int initialCapacity, int maxCapacity) {
    return allocator.heapBuffer(initialCapacity, maxCapacity);
  }

  @Override
  protected ByteBuf newDirectBuffer(int initialCapacity, int maxCapacity) {
    if (isExhausted) {
      isExhausted = false;
      throw new Error("planted by a test");
    }
    return allocator.directBuffer(initialCapacity, maxCapacity);
  }

  @Override
  public boolean isDirectBufferPooled() {
    return false;
  }
}
