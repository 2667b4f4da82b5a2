// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class PathSegmentsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = ' ',
      value = {
        "/ [] true",
        "/apps [apps] false",
        "/apps/ [apps] true",
        "/v2/apps/A/i [v2,apps,A,i] false",
        "//apps [,apps] false",
        "/apps//A [apps,,A] false",
        "/apps// [apps,] true",
        "// [] true",
        "/a/h1%3Ademo%3a8080 [a,h1:demo:8080] false",
        "/a/x%2Fy%2f [a,x/y/] false",
        "/a/x+y [a,x+y] false",
        "/a/x%2By [a,x+y] false",
        "/a/%C3%A4%F0%9F%92%93 [a,ä💓] false",
        "/a/i;a=b [a,i] false",
        "/a/i;a=b;c [a,i] false",
        "/a/i;a=b/ [a,i] true",
        "/a/i%3Ba=b [a,i;a=b] false",
        "/a;b=c/i [a;b=c,i] false",
        "/a/;b [a,] false",
        "/a/./.. [a,.,..] false"
      })
  void of_path_splitsBeforeDecoding(String path, String segments, boolean trailingSlash)
      throws HttpParseException {
    byte[] bytes = HttpBytes.latin("x" + path + "/y");

    PathSegments parsed = PathSegments.of(bytes, 1, 1 + path.length());

    assertThat(parsed.toString().replace(", ", ",")).isEqualTo(segments);
    assertThat(parsed.hasTrailingSlash()).isEqualTo(trailingSlash);
  }

  @Test
  void get_index_isThatSegment() throws HttpParseException {
    PathSegments parsed = segmentsOf("/a//c");

    assertThat(parsed.size()).isEqualTo(3);
    assertThat(parsed.get(0)).isEqualTo("a");
    assertThat(parsed.get(1)).isEmpty();
    assertThat(parsed.get(2)).isEqualTo("c");
  }

  @Test
  void of_twoSlashes_hasOneEmptySegment() throws HttpParseException {
    assertThat(segmentsOf("//").size()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "'', 0",
    "*, 0",
    "apps, 0",
    "/a/%, 3",
    "/a/b%4, 4",
    "/a/%4/b, 3",
    "/a/%zz, 3",
    "/a/%+1, 3",
    "/a/%00, 3",
    "/a/b%C3, 3",
    "/a/%C0%AF, 3",
    "/a/%ED%A0%80, 3",
    "/a/%F4%90%80%80, 3",
    "/a/%80, 3"
  })
  void of_badPath_is400(String path, long offset) {
    byte[] bytes = HttpBytes.latin("xx" + path + "00");

    HttpParseException refusal = catchThrowableOfType(
        HttpParseException.class, () -> PathSegments.of(bytes, 2, 2 + path.length()));

    assertThat(refusal.status()).isEqualTo(400);
    assertThat(refusal.offset()).isEqualTo(offset);
  }

  @ParameterizedTest
  @CsvSource({
    "h17.example.com:svc-0042:8080, h17.example.com:svc-0042:8080",
    "a b, a%20b",
    "a/b, a%2Fb",
    "a;b, a%3Bb",
    "a%b, a%25b",
    "a?b#c, a%3Fb%23c",
    "-._~!$&'()*+=:@, -._~!$&'()*+=:@",
    "ä💓, %C3%A4%F0%9F%92%93"
  })
  void encode_segment_escapesReservedCharacters(String segment, String encoded) {
    // An apostrophe within a CSV cell is literal.
    assertThat(PathSegments.encode(segment)).isEqualTo(encoded);
  }

  @ParameterizedTest
  @ValueSource(strings = {"a\0b", "\uD800", "x\uDC00y"})
  void encode_unencodableText_isRefused(String segment) {
    assertThatThrownBy(() -> PathSegments.encode(segment))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void of_encodedSegments_restoresThem() throws HttpParseException {
    long seed = 20_260_102;
    Random random = new Random(seed);
    for (int i = 0; i < 20_000; i++) {
      String first = text(random);
      String last = text(random) + "x";
      String path = "/" + PathSegments.encode(first) + "/" + PathSegments.encode(last);

      PathSegments parsed = segmentsOf(path);

      assertThat(parsed.size()).as(path).isEqualTo(2);
      assertThat(parsed.get(0)).as(path).isEqualTo(first);
      assertThat(parsed.get(1)).as(path).isEqualTo(last);
    }
  }

  private static PathSegments segmentsOf(String path) throws HttpParseException {
    byte[] bytes = HttpBytes.latin(path);
    return PathSegments.of(bytes, 0, bytes.length);
  }

  /** Returns text of which half is ASCII and the rest from all planes. */
  private static String text(Random random) {
    StringBuilder text = new StringBuilder();
    for (int left = random.nextInt(12); left > 0; left--) {
      int c = random.nextBoolean() ? 1 + random.nextInt(0x7F) : 1 + random.nextInt(0x10FFFF);
      text.appendCodePoint(c >= 0xD800 && c < 0xE000 ? '/' : c);
    }
    return text.toString();
  }
}
