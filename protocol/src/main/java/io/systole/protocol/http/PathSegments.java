// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments of a path. The path is split before its segments are decoded, so a segment may
 * contain any character, including '/'. Nothing is normalized: empty inner segments and the
 * segments "." and ".." are kept and match no route.
 */
public final class PathSegments {
  /**
   * Characters besides letters and digits that a segment may contain (RFC 3986 §3.3), without ';',
   * which begins parameters.
   */
  private static final String PLAIN = "-._~!$&'()*+,=:@";

  private static final char[] HEX = "0123456789ABCDEF".toCharArray();

  private final List<String> segments;
  private final boolean hasTrailingSlash;

  private PathSegments(List<String> segments, boolean hasTrailingSlash) {
    this.segments = segments;
    this.hasTrailingSlash = hasTrailingSlash;
  }

  /**
   * Parses the path {@code bytes[from, to)} into segments, percent-decoded as UTF-8. One trailing
   * slash is dropped ("/" has no segments), then the parameters of the last segment: everything
   * from its first unescaped ';' on (spec §1.1).
   *
   * @throws HttpParseException 400 if there is no leading slash, an incomplete escape, a U+0000, or
   *     the escapes are not UTF-8; the offset counts from {@code from}
   */
  public static PathSegments of(byte[] bytes, int from, int to) throws HttpParseException {
    if (from == to || bytes[from] != '/') {
      throw new HttpParseException(400, "expected a path that starts with '/'", 0);
    }
    boolean hasTrailingSlash = bytes[to - 1] == '/';
    int end = hasTrailingSlash ? to - 1 : to;
    List<String> segments = new ArrayList<>(6);
    int start = from + 1;
    while (start <= end) {
      int slash = indexOf(bytes, start, end, '/');
      int segmentEnd = slash == end ? indexOf(bytes, start, end, ';') : slash;
      segments.add(PercentDecoding.decode(bytes, start, segmentEnd, from, false));
      start = slash + 1;
    }
    return new PathSegments(segments, hasTrailingSlash);
  }

  public int size() {
    return segments.size();
  }

  /** Returns the decoded segment at {@code index}, from 0; may be empty. */
  public String get(int index) {
    return segments.get(index);
  }

  /** Returns whether the path ended with a '/'. */
  public boolean hasTrailingSlash() {
    return hasTrailingSlash;
  }

  /**
   * Returns the segment percent-encoded as UTF-8 for use in a path, the inverse of {@link #of}.
   * Characters that RFC 3986 §3.3 allows in a segment are kept, except ';', which would begin
   * parameters.
   *
   * @throws IllegalArgumentException if the text contains U+0000 or an unpaired surrogate
   */
  public static String encode(String segment) {
    int plain = 0;
    while (plain < segment.length() && isPlain(segment.charAt(plain))) {
      plain++;
    }
    if (plain == segment.length()) {
      return segment;
    }
    ByteBuffer bytes = utf8(segment);
    StringBuilder encoded = new StringBuilder(segment.length() + 16);
    while (bytes.hasRemaining()) {
      int b = bytes.get() & 0xFF;
      if (isPlain((char) b)) {
        encoded.append((char) b);
      } else {
        encoded.append('%').append(HEX[b >> 4]).append(HEX[b & 0xF]);
      }
    }
    return encoded.toString();
  }

  /** Returns the decoded segments, for messages. */
  @Override
  public String toString() {
    return segments.toString();
  }

  private static ByteBuffer utf8(String segment) {
    if (segment.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a path segment must not contain U+0000");
    }
    try {
      return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(segment));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException(
          "a path segment must not contain an unpaired surrogate", e);
    }
  }

  private static boolean isPlain(char c) {
    return c < 0x80 && (Ascii.isLetterOrDigit((byte) c) || PLAIN.indexOf(c) >= 0);
  }

  private static int indexOf(byte[] bytes, int from, int to, char c) {
    int at = from;
    while (at < to && bytes[at] != c) {
      at++;
    }
    return at;
  }
}
