// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The header of a file: 40 bytes, stored twice so that a single damaged byte doesn't make the file
 * unreadable.
 *
 * <pre>
 *  0  magic      "SYSTOLE" and the kind, J or S
 *  8  format     of the records, 4 bytes
 * 12  createdMs  epoch ms
 * 20  version    registry version when the file was started
 * 28  salt       8 random bytes
 * 36  CRC-32C    of the 36 bytes before
 * </pre>
 */
record FileHeader(Kind kind, int format, long createdMs, long version, long salt) {
  /** The type of a file. */
  enum Kind {
    JOURNAL('J'),
    SNAPSHOT('S');

    private final char letter;

    Kind(char letter) {
      this.letter = letter;
    }
  }

  /** The format written; all up to it are read. A node refuses to touch files of a later one. */
  static final int FORMAT = 2;

  static final int COPY_BYTES = 40;
  static final int BYTES = 2 * COPY_BYTES;

  private static final byte[] MAGIC = {'S', 'Y', 'S', 'T', 'O', 'L', 'E'};
  private static final SecureRandom RANDOM = new SecureRandom();

  static FileHeader create(Kind kind, long createdMs, long version) {
    return new FileHeader(kind, FORMAT, createdMs, version, RANDOM.nextLong());
  }

  byte[] encode() {
    ByteBuffer copy = ByteBuffer.allocate(BYTES);
    copy.put(MAGIC).put((byte) kind.letter).putInt(format).putLong(createdMs).putLong(version);
    copy.putLong(salt).putInt(checksum(copy.array(), 0));
    copy.put(copy.array(), 0, COPY_BYTES);
    return copy.array();
  }

  /** Decodes a header; returns null if neither copy is valid. */
  static @Nullable FileHeader decode(byte[] bytes, int length, Kind kind) {
    for (int at = 0; at + COPY_BYTES <= length; at += COPY_BYTES) {
      FileHeader header = decodeCopy(bytes, at, kind);
      if (header != null) {
        return header;
      }
    }
    return null;
  }

  private static @Nullable FileHeader decodeCopy(byte[] bytes, int at, Kind kind) {
    ByteBuffer copy = ByteBuffer.wrap(bytes, at, COPY_BYTES);
    byte[] magic = new byte[MAGIC.length];
    copy.get(magic);
    if (!Arrays.equals(magic, MAGIC) || copy.get() != kind.letter) {
      return null;
    }
    int format = copy.getInt();
    long createdMs = copy.getLong();
    long version = copy.getLong();
    long salt = copy.getLong();
    boolean isWhole = copy.getInt() == checksum(bytes, at);
    return isWhole ? new FileHeader(kind, format, createdMs, version, salt) : null;
  }

  private static int checksum(byte[] bytes, int at) {
    CRC32C crc = new CRC32C();
    crc.update(bytes, at, COPY_BYTES - 4);
    return (int) crc.getValue();
  }
}
