// SPDX-License-Identifier: Apache-2.0
package io.systole.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class QueryParametersTest {
  @ParameterizedTest
  @CsvSource({
    "status=UP&lastDirtyTimestamp=1700000000000, '[status=UP, lastDirtyTimestamp=1700000000000]'",
    "'', []",
    "a, [a=]",
    "a=, [a=]",
    "=b, [=b]",
    "a=b=c, [a=b=c]",
    "&&a=b&&c&, '[a=b, c=]'",
    "a+b=c+d, [a b=c d]",
    "a%2Bb=c%26d%3De, [a+b=c&d=e]",
    "a=%C3%A4, [a=ä]",
    "a;b=c;d, [a;b=c;d]",
    "a?b=c?d, [a?b=c?d]",
    "A=1&a=2&a=3, '[A=1, a=2, a=3]'"
  })
  void of_query_readsItsPairsInOrder(String query, String pairs) throws HttpParseException {
    assertThat(parametersOf(query).pairs()).hasToString(pairs);
  }

  @Test
  void first_nameTwice_isTheFirstValue() throws HttpParseException {
    QueryParameters parameters = parametersOf("b=0&A=1&a=2&a=3");

    assertThat(parameters.first("a")).isEqualTo("2");
    assertThat(parameters.first("c")).isNull();
  }

  @Test
  void of_absentQuery_isEmpty() throws HttpParseException {
    assertThat(QueryParameters.of(new byte[8], -1, -1)).isSameAs(QueryParameters.EMPTY);
  }

  @Test
  void pairs_change_isRefused() throws HttpParseException {
    QueryParameters parameters = parametersOf("a=b");

    assertThatThrownBy(() -> parameters.pairs().add(Map.entry("c", "d")))
        .isInstanceOf(UnsupportedOperationException.class);
  }

  @ParameterizedTest
  @CsvSource({"a=%, 2", "a=b%4&c, 3", "%4g=b, 0", "a=%00, 2", "a=1&b=%FF, 6", "a=%C3&b=%A4, 2"})
  void of_badQuery_is400(String query, long offset) {
    HttpParseException refusal =
        catchThrowableOfType(HttpParseException.class, () -> parametersOf(query));

    assertThat(refusal.status()).isEqualTo(400);
    assertThat(refusal.offset()).isEqualTo(offset);
  }

  private static QueryParameters parametersOf(String query) throws HttpParseException {
    byte[] bytes = HttpBytes.latin("?" + query + "&x=y");
    return QueryParameters.of(bytes, 1, 1 + query.length());
  }
}
