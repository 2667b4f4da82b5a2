// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class XmlNamesTest {

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '`',
      value = {
        "a, a",
        "a_b, a__b",
        "a$b, a_-b",
        "a b, a_.0020b",
        "1x, _.0031x",
        "-x, _.002dx",
        "x-1.y, x-1.y",
        "a:b, a:b",
        "<&>, _.003c_.0026_.003e",
        "é中, é中",
        "\u0301a, _.0301a",
        "a\u0301, a\u0301",
        "\ud83d\ude00, _.d83d_.de00",
        "_.0041, __.0041",
      })
  void escape_text_isANameAndUnescapes(String text, String name) {
    String escaped = XmlNames.escape(text);

    assertThat(escaped).isEqualTo(name);
    assertThat(XmlNames.unescape(escaped)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({"a_b, a_b", "_, _", "a_., a_.", "_.00, _.00", "_.00g1, _.00g1", "_.0041, A", "a__, a_"
  })
  void unescape_underscoreWithoutEscape_isKept(String name, String text) {
    String unescaped = XmlNames.unescape(name);

    assertThat(unescaped).isEqualTo(text);
  }
}
