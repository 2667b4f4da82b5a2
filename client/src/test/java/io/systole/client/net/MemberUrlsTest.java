// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.codec.MalformedDocumentException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MemberUrlsTest {
  private static final URI SEED = URI.create("http://seed:8761/v2");

  private static List<String> read(URI listedBy, String... urls) throws MalformedDocumentException {
    String list = List.of(urls).stream()
        .map(url -> "{\"name\":\"n\",\"url\":\"" + url + "\"}")
        .collect(Collectors.joining(",", "{\"members\":[", "]}"));
    byte[] document = list.getBytes(StandardCharsets.UTF_8);
    return MemberUrls.read(document, listedBy, List.of(SEED)).others().stream()
        .map(URI::toString)
        .toList();
  }

  @Test
  void read_members_areNormalizedAndKeepTheirOrder() throws MalformedDocumentException {
    assertThat(read(SEED, "http://B:8761/eureka/", "HTTP://a/v2", "http://[::1]:1"))
        .containsExactly("http://b:8761/eureka", "http://a:80/v2", "http://[::1]:1");
  }

  @Test
  void read_configuredServersAndDuplicates_areLeftOut() throws MalformedDocumentException {
    assertThat(read(
            SEED,
            "http://seed:8761/eureka/",
            "http://a:1/v2",
            "http://a:1/eureka",
            "http://SEED:8761/v2"))
        .containsExactly("http://a:1/v2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://a:1/v2",
        "ftp://a:1/v2",
        "http://user:secret@a:1/v2",
        "http://user@a:1/v2",
        "http://a:1/v2?x=y",
        "http://a:1/v2#f",
        "http://a:99999/v2",
        "http://a:0/v2",
        "http:///v2",
        "http://a b/v2",
        "http://a:1/v2\\r\\nX-Injected: 1",
        "http://a:1/\u202e",
        "//a:1/v2",
        "a",
        ""
      })
  void read_unusableUrl_isLeftOut(String url) throws MalformedDocumentException {
    assertThat(read(SEED, url, "http://b:1/v2")).containsExactly("http://b:1/v2");
  }

  @Test
  void read_tooLongUrl_isLeftOut() throws MalformedDocumentException {
    String path = "p".repeat(1_024 - "http://a:1/".length());

    assertThat(read(SEED, "http://a:1/" + path + "x")).isEmpty();
    assertThat(read(SEED, "http://a:1/" + path)).hasSize(1);
  }

  /** Credentials and heartbeats that were sent over TLS are never sent in plain text. */
  @Test
  void read_listedOverTls_permitsNoPlainText() throws MalformedDocumentException {
    URI secure = URI.create("HTTPS://seed/v2");

    assertThat(read(secure, "http://a:1/v2", "https://b:1/v2")).containsExactly("https://b:1/v2");
  }

  @Test
  void read_moreThanTheMaximum_ignoresTheRest() throws MalformedDocumentException {
    String[] urls =
        IntStream.range(0, 65).mapToObj(i -> "http://m" + i + ":1/v2").toArray(String[]::new);

    assertThat(read(SEED, urls)).hasSize(64).last().isEqualTo("http://m63:1/v2");
  }

  @Test
  void isEmpty_noMember_isTrue() throws MalformedDocumentException {
    byte[] none = "{\"members\":[{\"url\":\"\"}]}".getBytes(StandardCharsets.UTF_8);
    byte[] seed = ("{\"members\":[{\"url\":\"" + SEED + "\"}]}").getBytes(StandardCharsets.UTF_8);

    assertThat(MemberUrls.read(none, SEED, List.of(SEED)).isEmpty()).isTrue();
    assertThat(MemberUrls.read(seed, SEED, List.of(SEED))).isEqualTo(new MemberUrls(1, List.of()));
  }

  @Test
  void read_noList_throws() {
    assertThatThrownBy(() -> MemberUrls.read(new byte[0], SEED, List.of()))
        .isInstanceOf(MalformedDocumentException.class);
  }
}
