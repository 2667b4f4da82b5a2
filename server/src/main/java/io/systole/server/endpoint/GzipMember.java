// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** A decoder of gzip input that consists of exactly one member (RFC 1952 §2.3). */
final class GzipMember {
  /*
   * The JDK's stream recurses for each further member, so that a small body of many empty members
   * overflows the stack.
   */

  private static final int FIXED_HEAD_BYTES = 10;
  private static final int FLAGS_AT = 3;
  private static final int TRAILER_BYTES = 8;

  private static final int HEAD_CHECKSUM = 1 << 1;
  private static final int EXTRA = 1 << 2;
  private static final int NAME = 1 << 3;
  private static final int COMMENT = 1 << 4;
  private static final int RESERVED = 0xE0;

  private final byte[] input;
  private int at;

  GzipMember(byte[] input) {
    this.input = input;
  }

  /**
   * Inflates the member.
   *
   * @return at most {@code bytesMax + 1} bytes; if there are more than {@code bytesMax}, the rest
   *     was not read
   * @throws IOException if the member is truncated, malformed, or followed by other bytes
   */
  byte[] inflate(int bytesMax) throws IOException {
    skipHead();
    Inflater inflater = new Inflater(true);
    inflater.setInput(input, at, input.length - at);
    try (InputStream text = new InflaterInputStream(InputStream.nullInputStream(), inflater)) {
      byte[] plain = text.readNBytes(bytesMax + 1);
      if (plain.length <= bytesMax) {
        at = input.length - inflater.getRemaining();
        checkTrailer(plain);
      }
      return plain;
    } finally {
      inflater.end();
    }
  }

  private void skipHead() throws IOException {
    if (next(2) != 0x8b1f || next(1) != 8) {
      throw new ZipException("not gzip");
    }
    int flags = input.length > FLAGS_AT ? input[FLAGS_AT] : RESERVED;
    if ((flags & RESERVED) != 0 || input.length < FIXED_HEAD_BYTES) {
      throw new ZipException("not a gzip header");
    }
    at = FIXED_HEAD_BYTES;
    if ((flags & EXTRA) != 0) {
      at += (int) next(2);
    }
    if ((flags & NAME) != 0) {
      skipText();
    }
    if ((flags & COMMENT) != 0) {
      skipText();
    }
    if ((flags & HEAD_CHECKSUM) != 0) {
      next(2);
    }
    if (at > input.length) {
      throw new ZipException("truncated header");
    }
  }

  private void skipText() throws IOException {
    while (next(1) != 0) {
      // Up to the terminating zero.
    }
  }

  private void checkTrailer(byte[] plain) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(plain);
    if (input.length - at != TRAILER_BYTES
        || next(Integer.BYTES) != crc.getValue()
        || next(Integer.BYTES) != plain.length) {
      throw new ZipException("wrong trailer");
    }
  }

  /** Reads a little-endian number. */
  private long next(int bytes) throws IOException {
    if (input.length - at < bytes) {
      throw new ZipException("truncated");
    }
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number |= (input[at++] & 0xFFL) << (8 * i);
    }
    return number;
  }
}
