// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.Arrays;

/** The body of a response while it is received. Confined to an event loop. */
final class PeerResponseBody {
  /*
   * The parts are copied to one array. A composite buffer copies all parts again and again if they
   * are many, which takes minutes of CPU for a large body in chunks of one byte.
   *
   * Each part costs about a microsecond, however small it is. So beyond the first ones, a body is
   * refused whose parts have fewer bytes on average than any server sends.
   */

  /** Parts of any size; a response may arrive in small segments. */
  static final int SMALL_PARTS_MAX = 1024;

  /** The mean size of further parts. Servers flush bodies by kilobytes. */
  static final int PART_BYTES_MIN = 64;

  private static final int INITIAL_BYTES = 1024;

  private final int bytesMax;
  private final ResponseMemory.Share memory;
  private byte[] bytes = {};
  private int length;
  private long parts;

  PeerResponseBody(int bytesMax, ResponseMemory.Share memory) {
    this.bytesMax = bytesMax;
    this.memory = memory;
  }

  /**
   * Appends a part.
   *
   * @throws IOException if the body exceeds a limit, with the reason
   */
  void add(ByteBuf part) throws IOException {
    int added = part.readableBytes();
    if (added == 0) {
      return;
    }
    if (added > bytesMax - length) {
      throw new IOException("exceeds " + bytesMax + " bytes");
    }
    parts++;
    if (parts > SMALL_PARTS_MAX + length / PART_BYTES_MIN) {
      throw new IOException("has " + parts + " parts for " + length + " bytes");
    }
    reserve(length + added);
    part.readBytes(bytes, length, added);
    length += added;
  }

  private void reserve(int needed) throws IOException {
    if (needed <= bytes.length) {
      return;
    }
    long doubled = Math.max(INITIAL_BYTES, 2L * bytes.length);
    int size = (int) Math.min(bytesMax, Math.max(needed, doubled));
    if (!memory.hold(size)) {
      throw new IOException("exceeds the memory left by the responses of other peers");
    }
    bytes = Arrays.copyOf(bytes, size);
  }

  /** Returns the whole body. */
  byte[] toBytes() {
    return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
  }
}
