// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AsciiTest {
  /** A scan by words of eight bytes. */
  private interface Scan {
    int find(byte[] bytes, int from, int to);
  }

  @Test
  void findTargetEnd_anyBytes_equalsBytewiseScan() {
    assertSameAsBytewise(Ascii::findTargetEnd, b -> b < 0x21 || b > 0x7E || b == '#');
  }

  @Test
  void findQuestionMarkOrTargetEnd_anyBytes_equalsBytewiseScan() {
    assertSameAsBytewise(
        Ascii::findQuestionMarkOrTargetEnd, b -> b < 0x21 || b > 0x7E || b == '#' || b == '?');
  }

  @Test
  void findNotFieldText_anyBytes_equalsBytewiseScan() {
    assertSameAsBytewise(Ascii::findNotFieldText, b -> (b < 0x20 && b != '\t') || b == 0x7F);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "7, 7",
    "0042, 42",
    "999999999999999999, 999999999999999999",
    "1000000000000000000, -1",
    "'', -1",
    "-1, -1",
    "+1, -1",
    "'1 ', -1",
    "1a, -1",
    "/, -1",
    ":, -1"
  })
  void parseDecimal_text_isItsValueOrMinusOne(String text, long value) {
    byte[] bytes = HttpBytes.latin("9" + text + "9");

    long parsed = Ascii.parseDecimal(bytes, 1, bytes.length - 1);

    assertThat(parsed).isEqualTo(value);
  }

  @ParameterizedTest
  @CsvSource({
    "Close, cLOSE, true",
    "close, closed, false",
    "close, clos, false",
    "a@b, a`b, false",
    "a[b, a{b, false",
    "k\u00C4, k\u00E4, false"
  })
  void equalsIgnoreCase_twoTexts_ignoresCaseOfLettersOnly(
      String text, String expected, boolean equal) {
    byte[] bytes = HttpBytes.latin(text);

    assertThat(Ascii.equalsIgnoreCase(bytes, 0, bytes.length, expected)).isEqualTo(equal);
  }

  @Test
  void isToken_everyByte_followsTheGrammar() {
    for (int b = 0; b < 256; b++) {
      boolean expected = b > 0x20 && b < 0x7F && "\"(),/:;<=>?@[\\]{}".indexOf(b) < 0;

      assertThat(Ascii.isToken((byte) b)).as("byte %d", b).isEqualTo(expected);
    }
  }

  @Test
  void hexDigit_everyByte_followsTheGrammar() {
    for (int b = 0; b < 256; b++) {
      int expected = b < 0x80 ? Character.digit(b, 16) : -1;

      assertThat(Ascii.hexDigit((byte) b)).as("byte %d", b).isEqualTo(expected);
    }
  }

  /** Tests every byte at every index of a short array, and random arrays with many matches. */
  private static void assertSameAsBytewise(Scan scan, IntPredicate search) {
    for (int size = 0; size < 20; size++) {
      for (int place = 0; place < size; place++) {
        for (int b = 0; b < 256; b++) {
          byte[] bytes = HttpBytes.latin("a".repeat(size));
          bytes[place] = (byte) b;
          assertSame(scan, search, bytes, 0);
        }
      }
    }
    long seed = 20_260_101;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = new byte[random.nextInt(40)];
      for (int at = 0; at < bytes.length; at++) {
        int b = random.nextInt(256);
        bytes[at] = (byte) (search.test(b) && random.nextInt(8) > 0 ? '~' : b);
      }
      assertSame(scan, search, bytes, Math.min(random.nextInt(4), bytes.length));
    }
  }

  private static void assertSame(Scan scan, IntPredicate search, byte[] bytes, int from) {
    int expected = from;
    while (expected < bytes.length && !search.test(bytes[expected] & 0xFF)) {
      expected++;
    }
    if (scan.find(bytes, from, bytes.length) != expected) {
      assertThat(scan.find(bytes, from, bytes.length)).as("%s", bytes).isEqualTo(expected);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"00000000", "12345678", "99999999", "00000001", "10000000", "90807060"})
  void eightDigits_ofDigits_isTheirValue(String digits) {
    assertThat(Ascii.eightDigits(Ascii.wordOf(digits))).isEqualTo(Integer.parseInt(digits));
  }

  @Test
  void eightDigits_otherByte_isNegative() {
    for (int at = 0; at < 8; at++) {
      for (int other = 0; other < 256; other++) {
        byte[] bytes = "17951234".getBytes(StandardCharsets.US_ASCII);
        bytes[at] = (byte) other;
        boolean isDigit = other >= '0' && other <= '9';

        int value = Ascii.eightDigits(Ascii.word(bytes, 0));

        assertThat(value >= 0).as("byte %d at %d", other, at).isEqualTo(isDigit);
      }
    }
  }

  @Test
  void marksOf_everyPairOfBytes_marksEqualBytesOnly() {
    for (int search : new int[] {'/', '%', ';', 0, 127}) {
      for (int other = 0; other < 256; other++) {
        byte[] bytes = new byte[8];
        Arrays.fill(bytes, (byte) other);
        bytes[3] = (byte) search;

        long marks = Ascii.marksOf(Ascii.word(bytes, 0), search);

        long all = 0x8080_8080_8080_8080L;
        assertThat(marks).isEqualTo(other == search ? all : 0x80L << 24);
      }
    }
  }
}
