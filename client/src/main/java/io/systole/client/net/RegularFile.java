// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/**
 * A reader of files that an operator names. Opening a pipe or reading a device might never end, so
 * only regular files of a limited size are read.
 */
public final class RegularFile {
  /** Far more bytes than certificates, credentials or options need, and little memory. */
  public static final int BYTES_MAX = 1 << 20;

  private RegularFile() {}

  /**
   * Returns the content of a file.
   *
   * @param bytesMax the maximum size, which may change while the file is read
   * @throws IOException if there is no such file, or it is of another kind or larger
   */
  public static byte[] bytes(Path file, int bytesMax) throws IOException {
    try {
      return regularBytes(file, bytesMax);
    } catch (NoSuchFileException e) {
      // The exception's own message is the name alone.
      throw new NoSuchFileException(file.toString(), null, "no such file");
    } catch (AccessDeniedException e) {
      throw new AccessDeniedException(file.toString(), null, "permission denied");
    }
  }

  private static byte[] regularBytes(Path file, int bytesMax) throws IOException {
    if (!Files.readAttributes(file, BasicFileAttributes.class).isRegularFile()) {
      throw new IOException(file + ": not a regular file");
    }
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw new IOException(file + ": more than " + bytesMax + " bytes");
      }
      return bytes;
    }
  }

  /**
   * Returns the text of a file, without a byte order mark.
   *
   * @throws IOException as {@link #bytes}, or if the file is not UTF-8
   */
  public static String text(Path file, int bytesMax) throws IOException {
    try {
      return StandardCharsets.UTF_8
          .newDecoder()
          .decode(ByteBuffer.wrap(bytes(file, bytesMax)))
          .toString()
          .replaceFirst("^\\x{FEFF}", "");
    } catch (CharacterCodingException malformed) {
      throw new IOException(file + ": not UTF-8", malformed);
    }
  }
}
