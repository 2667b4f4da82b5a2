// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32;
import java.util.zip.Inflater;
import java.util.zip.InflaterInputStream;
import java.util.zip.ZipException;

/** A gzip file of exactly one member, with nothing behind it (RFC 1952 §2.3). */
final class GzipMember {
  /*
   * The JDK's stream isn't used: it calls itself for each further member, so that a small body of
   * many empty members overflows the stack.
   */

  private static final int FIXED_HEAD_BYTES = 10;
  private static final int FLAGS_AT = 3;
  private static final int TRAILER_BYTES = 8;

  private static final int HEAD_CHECKSUM = 1 << 1;
  private static final int EXTRA = 1 << 2;
  private static final int NAME = 1 << 3;
  private static final int COMMENT = 1 << 4;
  private static final int RESERVED = 0xE0;

  private final byte[] packed;
  private int at;

  GzipMember(byte[] packed) {
    this.packed = packed;
  }

  /**
   * Inflates the text.
   *
   * @return at most one byte more than the bound, in which case the rest wasn't looked at
   * @throws IOException when it is truncated, broken, or followed by something
   */
  byte[] inflate(int bytesMax) throws IOException {
    skipHead();
    Inflater inflater = new Inflater(true);
    inflater.setInput(packed, at, packed.length - at);
    try (InputStream text = new InflaterInputStream(InputStream.nullInputStream(), inflater)) {
      byte[] plain = text.readNBytes(bytesMax + 1);
      if (plain.length <= bytesMax) {
        at = packed.length - inflater.getRemaining();
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
    int flags = packed.length > FLAGS_AT ? packed[FLAGS_AT] : RESERVED;
    if ((flags & RESERVED) != 0 || packed.length < FIXED_HEAD_BYTES) {
      throw new ZipException("no head of gzip");
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
    if (at > packed.length) {
      throw new ZipException("truncated head");
    }
  }

  private void skipText() throws IOException {
    while (next(1) != 0) {
      // Up to the zero that ends it.
    }
  }

  private void checkTrailer(byte[] plain) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(plain);
    if (packed.length - at != TRAILER_BYTES
        || next(Integer.BYTES) != crc.getValue()
        || next(Integer.BYTES) != plain.length) {
      throw new ZipException("wrong trailer");
    }
  }

  /** Reads a number, its lowest byte first. */
  private long next(int bytes) throws IOException {
    if (packed.length - at < bytes) {
      throw new ZipException("truncated");
    }
    long number = 0;
    for (int i = 0; i < bytes; i++) {
      number |= (packed[at++] & 0xFFL) << (8 * i);
    }
    return number;
  }
}
