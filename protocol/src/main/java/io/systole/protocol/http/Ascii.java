// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * ASCII in byte arrays: character classes, comparison, numbers, and scans eight bytes at a time.
 */
public final class Ascii {
  /*
   * The scans read 8 bytes as a little-endian long and set the high bit of each matching byte. A
   * subtraction may borrow from the byte above a match, and an addition may carry into it, so the
   * marks above the lowest may be false. The lowest mark is always right, and it is the first byte
   * in memory.
   */
  private static final VarHandle WORD =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  private static final long ONES = 0x0101_0101_0101_0101L;
  private static final long HIGHS = 0x8080_8080_8080_8080L;

  private static final int DECIMAL_DIGITS_MAX = 18;

  /* Character classes, as bits of CLASSES. */
  private static final int TOKEN = 1;
  private static final int HOST = 2;
  private static final byte[] CLASSES = classes();

  private Ascii() {}

  /**
   * Returns the value of {@code bytes[from, to)} as 1..18 decimal digits, or -1 if it is anything
   * else (a sign, a space, empty, more digits).
   */
  public static long parseDecimal(byte[] bytes, int from, int to) {
    if (to <= from || to - from > DECIMAL_DIGITS_MAX) {
      return -1;
    }
    long value = 0;
    for (int at = from; at < to; at++) {
      int digit = bytes[at] - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }

  /**
   * Returns whether {@code bytes[from, to)} equals {@code expected}, an ASCII string, ignoring
   * case.
   */
  public static boolean equalsIgnoreCase(byte[] bytes, int from, int to, String expected) {
    if (to - from != expected.length()) {
      return false;
    }
    for (int i = 0; i < expected.length(); i++) {
      if (toLowerCase(bytes[from + i] & 0xFF) != toLowerCase(expected.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Returns whether {@code bytes[from, to)}, decoded as ISO-8859-1, equals {@code expected}. */
  public static boolean equalsExactly(byte[] bytes, int from, int to, String expected) {
    if (to - from != expected.length()) {
      return false;
    }
    for (int i = 0; i < expected.length(); i++) {
      if ((bytes[from + i] & 0xFF) != expected.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  /** Returns 0..15 for a hexadecimal digit of either case, else -1. */
  static int hexDigit(byte b) {
    if (b >= '0' && b <= '9') {
      return b - '0';
    }
    int letter = b | 0x20;
    return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
  }

  static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }

  static boolean isLetterOrDigit(byte b) {
    int letter = b | 0x20;
    return isDigit(b) || (letter >= 'a' && letter <= 'z');
  }

  /** Returns whether the byte is a token character, RFC 9110 §5.6.2. */
  static boolean isToken(byte b) {
    return (CLASSES[b & 0xFF] & TOKEN) != 0;
  }

  /** Returns whether the byte may occur in a registered name or IPv4 address, RFC 3986 §3.2.2. */
  static boolean isHost(byte b) {
    return (CLASSES[b & 0xFF] & HOST) != 0;
  }

  /** Returns whether the byte is optional whitespace, RFC 9110 §5.6.3. */
  static boolean isBlank(byte b) {
    return b == ' ' || b == '\t';
  }

  /** Returns the 8 bytes from {@code at} as a little-endian word; they must be within the array. */
  public static long word(byte[] bytes, int at) {
    return (long) WORD.get(bytes, at);
  }

  /**
   * Returns the word that {@link #word} reads from these 1..8 ASCII characters followed by zeros.
   */
  public static long wordOf(String text) {
    long word = 0;
    for (int i = text.length() - 1; i >= 0; i--) {
      word = (word << 8) | text.charAt(i);
    }
    return word;
  }

  /**
   * Returns the index of the first byte that is not part of a request target, or {@code to}. A
   * target is visible ASCII, 0x21..0x7E, without a fragment (RFC 9112 §3.2).
   */
  static int findTargetEnd(byte[] bytes, int from, int to) {
    int at = from;
    for (; to - at >= Long.BYTES; at += Long.BYTES) {
      long marks = notTarget(word(bytes, at));
      if (marks != 0) {
        return at + firstMarked(marks);
      }
    }
    while (at < to && isTarget(bytes[at])) {
      at++;
    }
    return at;
  }

  /**
   * Returns the index of the first question mark before {@link #findTargetEnd}, or that end if
   * there is none.
   */
  static int findQuestionMarkOrTargetEnd(byte[] bytes, int from, int to) {
    int at = from;
    for (; to - at >= Long.BYTES; at += Long.BYTES) {
      long word = word(bytes, at);
      long marks = notTarget(word) | equalTo(word, '?');
      if (marks != 0) {
        return at + firstMarked(marks);
      }
    }
    while (at < to && isTarget(bytes[at]) && bytes[at] != '?') {
      at++;
    }
    return at;
  }

  private static boolean isTarget(byte b) {
    return b > 0x20 && b < 0x7F && b != '#';
  }

  /**
   * Returns the index of the first byte that is not allowed in a field value, or {@code to}. Field
   * values consist of HTAB, SP, VCHAR and obs-text (RFC 9110 §5.5).
   */
  static int findNotFieldText(byte[] bytes, int from, int to) {
    int at = from;
    while (to - at >= Long.BYTES) {
      long word = word(bytes, at);
      long marks = ((word - ONES * ' ') & ~word & HIGHS) | equalTo(word, 0x7F);
      if (marks == 0) {
        at += Long.BYTES;
      } else {
        at += firstMarked(marks);
        if (bytes[at] != '\t') {
          return at;
        }
        at++;
      }
    }
    while (at < to && isFieldText(bytes[at])) {
      at++;
    }
    return at;
  }

  /** Returns whether the byte is HTAB, SP, VCHAR or obs-text. */
  static boolean isFieldText(byte b) {
    return b < 0 || (b >= ' ' && b != 0x7F) || b == '\t';
  }

  /**
   * Marks bytes below 0x21 (by borrowing), bytes above 0x7E (by the high bit of the byte, or of the
   * byte plus one) and number signs.
   */
  private static long notTarget(long word) {
    return (((word - ONES * 0x21) | (word + ONES) | word) & HIGHS) | equalTo(word, '#');
  }

  private static long equalTo(long word, int b) {
    long difference = word ^ ONES * b;
    return (difference - ONES) & ~difference & HIGHS;
  }

  /**
   * Returns the value of a {@link #word} of eight decimal digits, or -1 if any byte is not a digit.
   */
  public static int eightDigits(long word) {
    long digits = word - ONES * '0';
    // A byte below '0' borrows into its high bit; a byte above '9' carries into it.
    if (((digits | (digits + ONES * (0x7F - 9))) & HIGHS) != 0) {
      return -1;
    }
    // Combine adjacent digits into numbers of two digits, then four, then eight.
    long twos = (digits * 10 + (digits >>> 8)) & 0x00FF_00FF_00FF_00FFL;
    long fours = (twos * 100 + (twos >>> 16)) & 0x0000_FFFF_0000_FFFFL;
    return (int) (fours * 10_000 + (fours >>> 32));
  }

  /**
   * Returns a word in which the high bit is set for every byte equal to {@code b}, and for no
   * other.
   *
   * @param b 0..127
   */
  public static long marksOf(long word, int b) {
    long difference = word ^ (ONES * b);
    return ~(((difference & ~HIGHS) + ~HIGHS) | difference | ~HIGHS);
  }

  /**
   * Marks the first byte that ends a path segment, is not part of a target, or is rare in a
   * segment: 0x00..0x2C, {@code / ; ?} and 0x7F..0xFF. Marks above the lowest may be false; none is
   * missing.
   */
  public static long segmentStops(long word) {
    // The four bytes + / ; ? differ in two bits only.
    long others = (word | ONES * ('+' ^ '?')) ^ ONES * '?';
    long isOneOfFour = (others - ONES) & ~others;
    long isBelow = (word - ONES * 0x2D) & ~word;
    return (isOneOfFour | isBelow | word | (word + ONES)) & HIGHS;
  }

  private static int firstMarked(long marks) {
    return Long.numberOfTrailingZeros(marks) >>> 3;
  }

  private static int toLowerCase(int c) {
    return c >= 'A' && c <= 'Z' ? c | 0x20 : c;
  }

  private static byte[] classes() {
    byte[] classes = new byte[256];
    for (byte c = '0'; c <= 'z'; c++) {
      if (isLetterOrDigit(c)) {
        classes[c] = TOKEN | HOST;
      }
    }
    for (char c : "!#$%&'*+-.^_`|~".toCharArray()) {
      classes[c] |= TOKEN;
    }
    for (char c : "-._~!$&'()*+,;=%".toCharArray()) {
      classes[c] |= HOST;
    }
    return classes;
  }
}
