// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class BodyFramingTest {
  private static final HttpLimits LIMITS = new HttpLimits(64, 64, 4, 20, 24);
  private static final long BODY_BYTES_MAX = 40;

  private final BodyFraming framing = new BodyFraming(LIMITS);
  private final StringBuilder content = new StringBuilder();

  /** A valid chunked body and its content. */
  record Chunks(String name, String bytes, String content) {
    @Override
    public String toString() {
      return name;
    }
  }

  /** A malformed chunked body with the offset of the error. */
  record Refused(String name, String bytes, int status, long offset) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Chunks> validChunks() {
    return Stream.of(
        new Chunks("no chunk", "0\r\n\r\n", ""),
        new Chunks("one", "3\r\nabc\r\n0\r\n\r\n", "abc"),
        new Chunks("two", "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n", "abcde"),
        new Chunks(
            "hexadecimal of both cases",
            "00a\r\n0123456789\r\n0B\r\n0123456789A\r\n0\r\n\r\n",
            "01234567890123456789A"),
        new Chunks("framing as data", "7\r\n0\r\n\r\n0\r\r\n0\r\n\r\n", "0\r\n\r\n0\r"),
        new Chunks(
            "body at the limit", "28\r\n" + "x".repeat(40) + "\r\n0\r\n\r\n", "x".repeat(40)),
        new Chunks("extension", "1;a=\"b;\u00E4\t\"\r\nx\r\n0;c\r\n\r\n", "x"),
        new Chunks("blank before an extension", "1 \t;a\r\nx\r\n0\r\n\r\n", "x"),
        new Chunks("line at the limit", "1;" + "a".repeat(18) + "\r\nx\r\n0\r\n\r\n", "x"),
        new Chunks("15 digits", "000000000000001\r\nx\r\n000000000000000\r\n\r\n", "x"),
        new Chunks("trailers", "0\r\nA: b\r\nC:\r\n\r\n", ""),
        new Chunks("trailers at the limit", "0\r\nA: " + "b".repeat(17) + "\r\n\r\n", ""));
  }

  static Stream<Refused> malformedChunks() {
    return Stream.of(
        // Sizes, RFC 9112 §7.1.
        new Refused("no size", "\r\n", 400, 0),
        new Refused("size with a sign", "-1\r\n", 400, 0),
        new Refused("size with 0x", "0x1\r\n", 400, 1),
        new Refused("blank before the size", " 1\r\n", 400, 0),
        new Refused("blank after the size", "1 \r\n", 400, 2),
        new Refused("size and a letter", "1g\r\n", 400, 1),
        new Refused("bare LF after the size", "1\nx", 400, 1),
        new Refused("bare CR after the size", "1\rx", 400, 2),
        new Refused("16 digits", "0000000000000001\r\n", 400, 15),
        new Refused("size that overflows", "ffffffffffffffff1\r\n", 400, 15),
        new Refused("extension after a blank alone", "1 a\r\n", 400, 2),
        new Refused("bare LF in an extension", "1;a\nx", 400, 3),
        new Refused("bare CR in an extension", "1;a\rx", 400, 4),
        new Refused("NUL in an extension", "1;a\0", 400, 3),
        new Refused("line over the limit", "1;" + "a".repeat(19), 400, 20),
        // Data and its end.
        new Refused("data too long", "1\r\nxy\r\n", 400, 4),
        new Refused("bare LF after data", "1\r\nx\n", 400, 4),
        new Refused("bare CR after data", "1\r\nx\r0", 400, 5),
        new Refused("one chunk over the limit", "29\r\n", 413, 3),
        new Refused("two chunks over the limit", "27\r\n" + "x".repeat(39) + "\r\n2\r\n", 413, 47),
        new Refused("the largest chunk", "1\r\nx\r\nfffffffffffffff\r\n", 413, 22),
        // Trailers, RFC 9112 §7.1.2 and §5.
        new Refused("trailer without colon", "0\r\nA\r\n", 400, 4),
        new Refused("trailer without name", "0\r\n: b\r\n", 400, 3),
        new Refused("blank before the colon", "0\r\nA : b\r\n", 400, 4),
        new Refused("folded trailer", "0\r\nA: b\r\n c\r\n", 400, 9),
        new Refused("NUL in a trailer", "0\r\nA: \0\r\n", 400, 6),
        new Refused("bare LF after a trailer", "0\r\nA: b\n", 400, 7),
        new Refused("bare CR in a trailer", "0\r\nA: b\rc", 400, 8),
        new Refused("bare LF at the end", "0\r\n\n", 400, 3),
        new Refused("bare CR at the end", "0\r\n\rx", 400, 4),
        new Refused("trailers over the limit", "0\r\nA: " + "b".repeat(22), 431, 27));
  }

  @ParameterizedTest
  @MethodSource("validChunks")
  void read_validChunks_passesTheContent(Chunks chunks) throws HttpParseException {
    framing.begin(0, true, BODY_BYTES_MAX);

    int end = read("..", chunks.bytes(), "GET");

    assertThat(end).isEqualTo(2 + chunks.bytes().length());
    assertThat(framing.isComplete()).isTrue();
    assertThat(content).hasToString(chunks.content());
  }

  @ParameterizedTest
  @MethodSource("validChunks")
  void read_validChunksByteByByte_passesTheContent(Chunks chunks) throws HttpParseException {
    framing.begin(0, true, BODY_BYTES_MAX);

    for (int i = 0; i < chunks.bytes().length(); i++) {
      assertThat(framing.isComplete()).isFalse();
      assertThat(read("", chunks.bytes().substring(i, i + 1), "")).isEqualTo(1);
    }

    assertThat(framing.isComplete()).isTrue();
    assertThat(content).hasToString(chunks.content());
  }

  @ParameterizedTest
  @MethodSource("malformedChunks")
  void read_malformedChunks_isRefusedWithStatusAndOffset(Refused refused)
      throws HttpParseException {
    framing.begin(0, true, BODY_BYTES_MAX);

    HttpParseException refusal =
        catchThrowableOfType(HttpParseException.class, () -> read(".", refused.bytes(), ""));

    assertThat(refusal).isNotNull();
    assertThat(refusal.status()).as(refusal.getMessage()).isEqualTo(refused.status());
    assertThat(refusal.offset()).as(refusal.getMessage()).isEqualTo(refused.offset());
  }

  @Test
  void read_bodyWithLength_endsAfterTheLength() throws HttpParseException {
    framing.begin(5, false, 5);

    int first = read("", "ab", "");
    boolean completeEarly = framing.isComplete();
    int second = read("", "cde", "GET");

    assertThat(first).isEqualTo(2);
    assertThat(completeEarly).isFalse();
    assertThat(second).isEqualTo(3);
    assertThat(framing.isComplete()).isTrue();
    assertThat(content).hasToString("abcde");
  }

  @Test
  void read_afterTheEnd_consumesNothing() throws HttpParseException {
    framing.begin(0, false, 5);

    int end = read("..", "GET", "");

    assertThat(framing.isComplete()).isTrue();
    assertThat(end).isEqualTo(2);
    assertThat(content).isEmpty();
  }

  @Test
  void begin_lengthOverTheLimit_is413() {
    assertThatThrownBy(() -> framing.begin(6, false, 5))
        .isInstanceOf(HttpParseException.class)
        .hasMessage("413 body exceeds bodyBytesMax=5 at offset 0");
  }

  @Test
  void begin_afterAnError_startsOver() throws HttpParseException {
    framing.begin(0, true, 5);
    assertThatThrownBy(() -> read("", "5\r\nabcdefg", "")).hasMessageStartingWith("400 ");
    content.setLength(0);

    framing.begin(0, true, 5);
    read("", "5\r\nabcde\r\n0\r\n\r\n", "");

    assertThat(framing.isComplete()).isTrue();
    assertThat(content).hasToString("abcde");
  }

  @Test
  void read_untilClose_consumesUpToTheLimit() throws HttpParseException {
    framing.begin(BodyFraming.UNTIL_CLOSE, false, 5);

    int first = read("", "abc", "");
    int second = read("", "de", "");

    assertThat(first).isEqualTo(3);
    assertThat(second).isEqualTo(2);
    assertThat(framing.isComplete()).isFalse();
    assertThat(content).hasToString("abcde");
    assertThatThrownBy(() -> read("", "f", "")).hasMessageStartingWith("413 ");
  }

  private int read(String before, String bytes, String after) throws HttpParseException {
    byte[] all = HttpBytes.latin(before + bytes + after);
    return framing.read(
        all,
        before.length(),
        all.length,
        (from, start, length) -> content.append(HttpBytes.latin(from, start, start + length)));
  }
}
