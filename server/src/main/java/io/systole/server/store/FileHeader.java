// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
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

  /**
   * Reads the header of a file, and positions the channel behind it.
   *
   * @param file file name, for reports
   * @param listener receives damaged copies; a file without a valid header is treated as empty
   * @throws UnsupportedFormatException if a later release wrote the file
   */
  static FileHeader read(FileChannel channel, String file, Kind kind, ReadListener listener)
      throws IOException {
    ByteBuffer head = ByteBuffer.allocate(BYTES);
    while (head.hasRemaining() && channel.read(head) >= 0) {
      // Until the buffer is full or the file ends.
    }
    FileHeader header = decode(head.array(), head.position(), kind);
    if (header == null) {
      boolean isTail = kind == Kind.JOURNAL && channel.size() < BYTES;
      listener.damaged(new CorruptRange(file, 0, channel.size(), "no valid header", isTail));
      channel.position(channel.size());
      return new FileHeader(kind, FORMAT, 0, 0, 0);
    }
    if (header.format() > FORMAT) {
      throw new UnsupportedFormatException(file, header.format(), FORMAT);
    }
    reportDamagedCopies(file, head.array(), head.position(), kind, listener);
    channel.position(BYTES);
    return header;
  }

  private static void reportDamagedCopies(
      String file, byte[] head, int size, Kind kind, ReadListener listener) {
    for (int at = 0; at < BYTES; at += COPY_BYTES) {
      int length = Math.max(0, Math.min(COPY_BYTES, size - at));
      byte[] copy = Arrays.copyOf(Arrays.copyOfRange(head, at, at + length), COPY_BYTES);
      // The zeros behind a truncated copy may complete its checksum.
      if (length < COPY_BYTES || decode(copy, copy.length, kind) == null) {
        boolean isTail = kind == Kind.JOURNAL && length < COPY_BYTES;
        listener.damaged(
            new CorruptRange(file, at, length, "one of the two header copies is damaged", isTail));
      }
    }
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
