// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MemberListReaderTest {
  private static List<String> urls(String json) throws MalformedDocumentException {
    return MemberListReader.urls(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void urls_members_areReturnedInOrder() throws MalformedDocumentException {
    assertThat(urls("""
            {"members":[{"name":"10.0.0.1:7800","url":"http://10.0.0.1:8761/eureka/"},
             {"url":"http://10.0.0.2:8761/eureka/","name":"10.0.0.2:7800"}]}
            """))
        .containsExactly("http://10.0.0.1:8761/eureka/", "http://10.0.0.2:8761/eureka/");
  }

  @Test
  void urls_unknownMembersAndNoUrl_areSkipped() throws MalformedDocumentException {
    assertThat(urls("""
            {"view":{"id":[1,{}]},"members":[{"name":"a","url":""},{"name":"b"},
             {"url":null},{"url":["x"]},{"more":{"url":"y"},"url":"z"}],"name":null}
            """)).containsExactly("z");
  }

  @Test
  void urls_noMembers_isEmpty() throws MalformedDocumentException {
    assertThat(urls("{\"members\":[]}")).isEmpty();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "`` | expected an object",
        "[] | expected an object",
        "{} | expected the member \"members\"",
        "{\"members\":{}} | expected an array of members",
        "{\"members\":null} | expected an array of members",
        "{\"members\":[\"http://a\"]} | expected a member",
        "{\"members\":[{\"url\":\"http://a\"} | ",
        "{\"members\":[]}{} | expected nothing after the document",
        "<html/> | Unexpected character",
      })
  void urls_malformed_throws(String json, String reason) {
    assertThatThrownBy(() -> urls(json))
        .isInstanceOf(MalformedDocumentException.class)
        .hasMessageContaining(reason == null ? "" : reason);
  }

  @Test
  void urls_tooLong_throws() {
    String padding = " ".repeat(MemberListReader.BYTES_MAX);

    assertThatThrownBy(() -> urls("{\"members\":[]}" + padding))
        .isInstanceOf(MalformedDocumentException.class)
        .hasMessageContaining("exceeds 65536");
  }
}
