// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The segments of a path: split first, decoded after, so that a segment may contain any character,
 * also '/'. Nothing is normalised: an empty inner segment and the segments "." and ".." stay, and
 * match no route.
 */
public final class PathSegments {
  /**
   * What a segment may hold beside letters and digits (RFC 3986 §3.3), but ';', see {@link #of}.
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
   * The segments of the path {@code bytes[from, to)}, percent-decoded as UTF-8. One slash at the
   * end is dropped (of "/" nothing is left), then the parameters of the last segment: all from its
   * first unescaped ';' on (spec §1.1).
   *
   * @throws HttpParseException 400, offset from {@code from}: no slash at the start, an unfinished
   *     escape, an escape of U+0000, or not UTF-8
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

  /** The decoded segment, perhaps empty; {@code index} from 0. */
  public String get(int index) {
    return segments.get(index);
  }

  /** Whether a '/' at the end was dropped. */
  public boolean hasTrailingSlash() {
    return hasTrailingSlash;
  }

  /**
   * The segment as it stands in a path: UTF-8, percent-encoded but for what RFC 3986 §3.3 allows in
   * a segment. A ';' is encoded too, lest it begin parameters. {@link #of} reads it back.
   *
   * @throws IllegalArgumentException when the text has U+0000 or half a surrogate pair
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

  /** The segments decoded, for messages. */
  @Override
  public String toString() {
    return segments.toString();
  }

  private static ByteBuffer utf8(String segment) {
    if (segment.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("U+0000 cannot stand in a path");
    }
    try {
      return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(segment));
    } catch (CharacterCodingException e) {
      throw new IllegalArgumentException("half a surrogate pair cannot stand in a path", e);
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
