// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.record.RecordEncoder;
import java.util.zip.CRC32C;

/** A growable buffer of frames with records as their payloads. Not thread-safe. */
final class FrameEncoder extends RecordEncoder {
  private final CRC32C crc = new CRC32C();

  /** Begins a frame; returns its position, for {@link #endFrame}. */
  int beginFrame() {
    int at = size();
    skip(FrameLayout.HEAD_BYTES);
    return at;
  }

  /** Returns the bytes written since the frame at that position began. */
  int payloadLength(int at) {
    return size() - at - FrameLayout.HEAD_BYTES;
  }

  /**
   * Ends a frame; the bytes written since it began are its payload.
   *
   * @throws IllegalStateException if the payload is larger than readers accept
   */
  void endFrame(int at, long salt) {
    int length = payloadLength(at);
    if (length > FrameLayout.PAYLOAD_BYTES_MAX) {
      throw new IllegalStateException(
          "payload of " + length + " bytes exceeds the limit of " + FrameLayout.PAYLOAD_BYTES_MAX);
    }
    FrameLayout.writeHead(crc, salt, array(), at, length);
  }
}
