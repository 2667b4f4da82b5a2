// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;

/** A text file that an operator names. */
public final class TextFile {
  private TextFile() {}

  /**
   * Returns the text of a regular file, without a byte order mark. Opening a pipe or reading a
   * device might never end.
   *
   * @param bytesMax the maximum size, which may change while the file is read
   * @throws IOException if there is no such file, or it is of another kind, larger or not UTF-8
   */
  public static String read(Path path, int bytesMax) throws IOException {
    // Fails with a reason if there is no such file.
    if (!Files.readAttributes(path, BasicFileAttributes.class).isRegularFile()) {
      throw new IOException("not a regular file");
    }
    try (InputStream in = Files.newInputStream(path)) {
      byte[] bytes = in.readNBytes(bytesMax + 1);
      if (bytes.length > bytesMax) {
        throw new IOException("more than " + bytesMax + " bytes");
      }
      CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return text.toString().replaceFirst("^\\x{FEFF}", "");
    }
  }
}
