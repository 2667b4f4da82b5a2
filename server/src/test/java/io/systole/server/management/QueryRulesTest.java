// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class QueryRulesTest {
  private static final QueryRules RULES = QueryRules.of("search", "limit");

  private static Response sent(String query) {
    return ManagementFixture.get(
        RULES, request -> Response.text(200, String.valueOf(QueryRules.limit(request))), query);
  }

  private static String reason(Response response) {
    assertThat(response.status()).isEqualTo(400);
    return ManagementFixture.read(response).path("reason").asString();
  }

  @Test
  void guard_unknownParameter_isRefusedWithItsNameAndTheAllowedOnes() {
    assertThat(reason(sent("search=a&serach=b")))
        .isEqualTo("Unknown query parameter serach; allowed: search, limit.");
  }

  @Test
  void guard_anyParameterWhereNoneIsAllowed_isRefused() {
    Response response = ManagementFixture.get(QueryRules.NONE, request -> Response.OK, "limit=5");

    assertThat(reason(response)).isEqualTo("Unknown query parameter limit; allowed: none.");
  }

  @Test
  void guard_longName_isCutInTheReason() {
    assertThat(reason(sent("x".repeat(5_000)))).hasSizeLessThan(200);
  }

  @Test
  void guard_repeatedParameter_isRefused() {
    assertThat(reason(sent("limit=1&limit=2")))
        .isEqualTo("The query parameter limit is given twice.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "10001", "1e3", "", "0x10", "99999999999999999999", "1.0", "%2B1"})
  void limit_invalid_isRefused(String limit) {
    assertThat(reason(sent("limit=" + limit))).endsWith(" is not a whole number within 0..10000.");
  }

  @ParameterizedTest
  @CsvSource({"'', 100", "limit=0, 0", "limit=7, 7", "limit=10000, 10000"})
  void limit_validOrAbsent_isItsValueOrTheDefault(String query, String expected) {
    Response response = sent(query);

    assertThat(response.status()).isEqualTo(200);
    assertThat(new String(response.bytes(), StandardCharsets.UTF_8)).isEqualTo(expected);
  }

  @Test
  void guard_asyncEndpoint_refusesBeforeItAndItsInvalidValues() {
    SentResponse callback = new SentResponse();

    RULES
        .guard((request, sent) -> sent.send(Response.OK))
        .handle(ManagementFixture.request(Map.of(), "x=1"), callback);
    assertThat(callback.next().status()).isEqualTo(400);
    RULES
        .guard((request, sent) -> {
          throw new QueryRules.InvalidQueryException("bad");
        })
        .handle(ManagementFixture.request(Map.of(), "limit=1"), callback);
    assertThat(callback.next().status()).isEqualTo(400);
    RULES
        .guard((request, sent) -> sent.send(Response.OK))
        .handle(ManagementFixture.request(Map.of(), "limit=1"), callback);
    assertThat(callback.next().status()).isEqualTo(200);
  }
}
