// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/**
 * Size limits of one HTTP message, except for its content. A message over a limit is refused with
 * the name of the limit.
 *
 * @param targetBytesMax bytes of a request target, 1..1_048_576; 414 beyond
 * @param headBytesMax bytes of a head, from its first byte (including leading empty lines) to the
 *     end of its empty line, 1..1_048_576; 431 beyond
 * @param headersMax field lines of a head, 1..65_536; 431 beyond
 * @param chunkLineBytesMax bytes of a chunk's size and extensions without the CRLF, 1..65_536; 400
 *     beyond
 * @param trailerBytesMax bytes after the last chunk's size line, including the final CRLF,
 *     2..1_048_576; 431 beyond
 */
public record HttpLimits(
    int targetBytesMax,
    int headBytesMax,
    int headersMax,
    int chunkLineBytesMax,
    int trailerBytesMax) {

  public static final HttpLimits DEFAULT = new HttpLimits(8192, 16384, 100, 256, 8192);

  private static final int BYTES_MAX = 1 << 20;
  private static final int COUNT_MAX = 1 << 16;

  /**
   * Validates the limits.
   *
   * @throws IllegalArgumentException if a limit is out of its range, with the name of the limit
   */
  public HttpLimits {
    requireWithin("targetBytesMax", targetBytesMax, 1, BYTES_MAX);
    requireWithin("headBytesMax", headBytesMax, 1, BYTES_MAX);
    requireWithin("headersMax", headersMax, 1, COUNT_MAX);
    requireWithin("chunkLineBytesMax", chunkLineBytesMax, 1, COUNT_MAX);
    requireWithin("trailerBytesMax", trailerBytesMax, 2, BYTES_MAX);
  }

  private static void requireWithin(String name, int value, int min, int max) {
    if (value < min || value > max) {
      throw new IllegalArgumentException(name + "=" + value + " is not within " + min + ".." + max);
    }
  }
}
