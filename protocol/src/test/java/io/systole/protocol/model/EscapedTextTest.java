// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class EscapedTextTest {
  @Test
  void token_usualName_isUnchanged() {
    assertThat(EscapedText.token("host-1.example:app:8080")).isEqualTo("host-1.example:app:8080");
    assertThat(EscapedText.token("b\u00fccher\ud83d\ude00")).isEqualTo("b\u00fccher\ud83d\ude00");
  }

  @Test
  void token_terminalEscapeOrLineBreak_isEscaped() {
    assertThat(EscapedText.token("A\u001b[2K\r\nB\u0085\u007f"))
        .isEqualTo("A\\u001b[2K\\u000d\\u000aB\\u0085\\u007f");
  }

  @Test
  void token_textThatReordersOrHides_isEscaped() {
    assertThat(EscapedText.token("a\u202eb\u200bc\u2028d\u00a0e\ufefff"))
        .isEqualTo("a\\u202eb\\u200bc\\u2028d\\u00a0e\\ufefff");
    assertThat(EscapedText.token("\udb40\udc41\ud800")).isEqualTo("\\udb40\\udc41\\ud800");
  }

  @Test
  void token_ambiguousText_isQuoted() {
    assertThat(EscapedText.token("")).isEqualTo("\"\"");
    assertThat(EscapedText.token("i by=operator")).isEqualTo("\"i by=operator\"");
    assertThat(EscapedText.token("a\"b")).isEqualTo("\"a\\\"b\"");
    assertThat(EscapedText.token("\\u001b")).isEqualTo("\"\\\\u001b\"");
  }

  @Test
  void line_terminalEscapeOrLineBreak_isEscapedWithoutQuotes() {
    assertThat(EscapedText.line("a \"b\"\n\u001b\u202e")).isEqualTo("a \"b\"\\u000a\\u001b\\u202e");
  }

  @Test
  void json_unsafeCharactersInStrings_areEscaped() {
    assertThat(EscapedText.json("{\"a\":\"\u202e\u009b\\n\\\"\"}"))
        .isEqualTo("{\"a\":\"\\u202e\\u009b\\n\\\"\"}");
  }

  @Test
  void jsonString_isQuotedAndEscaped() {
    assertThat(EscapedText.jsonString("i \"1\"\n\\")).isEqualTo("\"i \\\"1\\\"\\u000a\\\\\"");
  }
}
