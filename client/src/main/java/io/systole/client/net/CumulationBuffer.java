// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.buffer.ByteBuf;
import java.util.Arrays;

/**
 * The bytes read from one connection. Those of an incomplete response head are kept until the next
 * read; all others are in an array that the connections of an event loop share, valid during one
 * read only.
 */
final class CumulationBuffer {
  private static final byte[] NOTHING = {};

  private final byte[] shared;
  private byte[] kept = NOTHING;
  private int keptLength;

  CumulationBuffer(byte[] shared) {
    this.shared = shared;
  }

  /** Returns the array that {@link #fill} writes to. */
  byte[] bytes() {
    return shared;
  }

  /** Returns whether no bytes are kept. */
  boolean isEmpty() {
    return keptLength == 0;
  }

  /** Fills the array from its start with the kept bytes and the next ones; returns their end. */
  int fill(ByteBuf in) {
    int taken = Math.min(in.readableBytes(), shared.length - keptLength);
    System.arraycopy(kept, 0, shared, 0, keptLength);
    in.readBytes(shared, keptLength, taken);
    return keptLength + taken;
  }

  /** Keeps a range of the array instead of the bytes kept before. */
  void keep(int from, int to) {
    keptLength = to - from;
    if (kept.length < keptLength) {
      kept = Arrays.copyOf(kept, Math.max(keptLength, 2 * kept.length));
    }
    System.arraycopy(shared, from, kept, 0, keptLength);
  }
}
