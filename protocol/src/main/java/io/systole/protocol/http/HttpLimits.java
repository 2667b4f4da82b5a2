// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

/**
 * The bounds of one HTTP message apart from its content; being over one is a refusal with the
 * bound's name in it.
 *
 * @param targetBytesMax bytes of a request target, 1..1_048_576; more is 414
 * @param headBytesMax bytes of a head, from its first byte (leading empty lines count) to the end
 *     of its empty line, 1..1_048_576; more is 431
 * @param headersMax field lines of a head, 1..65_536; more is 431
 * @param chunkLineBytesMax bytes of a chunk's size and extensions without the CRLF, 1..65_536; more
 *     is 400
 * @param trailerBytesMax bytes after the last chunk's size line, with the final CRLF, 2..1_048_576;
 *     more is 431
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

  /** Throws {@link IllegalArgumentException}, naming the bound, when one is out of its range. */
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
