// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;

/** Finds the end of the ClientHello with which a TLS connection begins (RFC 8446 §4, §5.1). */
final class ClientHelloScanner {
  /*
   *     record:     22 | version (3, any) | length (2) | fragment of the ClientHello
   *     fragments:   1 | length (3)       | body
   *
   * Netty's SslClientHelloHandler would do, but for hostile input: it begins again with each read,
   * and it passes on some incomplete messages.
   */

  /** The state of the bytes scanned so far. */
  enum Result {
    INCOMPLETE,
    COMPLETE,
    /** Not a ClientHello, or a longer or more fragmented one than any client sends. */
    INVALID
  }

  /** The content type of a handshake record. */
  static final int HANDSHAKE_RECORD = 22;

  private static final int MAJOR_VERSION = 3;
  private static final int CLIENT_HELLO = 1;
  private static final int RECORD_HEADER_BYTES = 5;
  private static final int RECORD_BYTES_MAX = 1 << 14;
  private static final int MESSAGE_HEADER_BYTES = 4;

  /** The maximum of the JDK for any handshake message; clients send 2 KiB. */
  static final int MESSAGE_BYTES_MAX = 32 * 1024;

  /** Records of a ClientHello. One of 32 KiB needs three. */
  static final int RECORDS_MAX = 16;

  /** The start of the first record that is not yet complete, from the start of the bytes. */
  private int recordStart;

  private int records;

  /** The bytes of the message from that record on; valid after the first record's header. */
  private int missing;

  /** @param bytes all bytes received, of which only the last may be new */
  Result scan(ByteBuf bytes) {
    for (; ; ) {
      int start = bytes.readerIndex() + recordStart;
      int available = bytes.writerIndex() - start;
      int headers = records == 0 ? RECORD_HEADER_BYTES + MESSAGE_HEADER_BYTES : RECORD_HEADER_BYTES;
      if (available < headers) {
        return Result.INCOMPLETE;
      }
      int length = bytes.getUnsignedShort(start + 3);
      if (!isValid(bytes, start, length)) {
        return Result.INVALID;
      }
      if (records == 0) {
        missing = MESSAGE_HEADER_BYTES + bytes.getUnsignedMedium(start + RECORD_HEADER_BYTES + 1);
      }
      // No client sends more before it has received the ServerHello.
      if (missing > MESSAGE_BYTES_MAX || length > missing) {
        return Result.INVALID;
      }
      if (available < RECORD_HEADER_BYTES + length) {
        return Result.INCOMPLETE;
      }
      if (length == missing) {
        return Result.COMPLETE;
      }
      missing -= length;
      records++;
      recordStart += RECORD_HEADER_BYTES + length;
    }
  }

  private boolean isValid(ByteBuf bytes, int start, int length) {
    boolean isRecord = bytes.getUnsignedByte(start) == HANDSHAKE_RECORD
        && bytes.getUnsignedByte(start + 1) == MAJOR_VERSION
        && length <= RECORD_BYTES_MAX
        && records < RECORDS_MAX;
    // A fragment must not be empty, and clients do not split the four bytes of the header.
    return isRecord
        && (records == 0
            ? length >= MESSAGE_HEADER_BYTES
                && bytes.getUnsignedByte(start + RECORD_HEADER_BYTES) == CLIENT_HELLO
            : length > 0);
  }
}
