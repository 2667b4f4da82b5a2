// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.route.ResponseBody;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QuotasTest {
  private static final SourceAddress SOURCE = new SourceAddress(false, 1);

  @Test
  void of_defaults_giveASourceAQuarter() {
    Quotas budgets = budgets(Map.of());

    assertShareOf(budgets.longResponses(), 256);
    assertShareOf(budgets.streams(), 256);
    assertShareOf(budgets.bodyBytes(), 16 * 1024 * 1024);
    assertShareOf(budgets.connections(), 65_536);
  }

  @Test
  void of_shareOfOne_leavesASourceEverything() {
    Quotas budgets = budgets(Map.of("--max-source-share", "1.0", "--max-streams", "3"));

    budgets.streams().reserve(SOURCE, 3);

    assertThat(budgets.streams().reserve(SOURCE, 1)).isEqualTo(Limit.SOURCE);
    assertThat(budgets.streams().held()).isEqualTo(3);
  }

  @Test
  void of_shareSmallerThanOneUnit_isOneUnitAndOneBody() {
    Quotas budgets = budgets(
        Map.of("--max-source-share", "0.001", "--max-streams", "3", "--max-body-bytes", "500000"));

    assertShareOf(budgets.streams(), 1);
    assertShareOf(budgets.bodyBytes(), 500_000);
  }

  @Test
  void of_bodyWithinTheWriteBuffer_isNoLongResponse() {
    Quotas budgets = budgets(Map.of("--write-buffer-bytes", "10000"));

    assertThat(budgets.of(bodyOf(10_000))).isNull();
    assertThat(budgets.of(bodyOf(10_001))).isSameAs(budgets.longResponses());
    assertThat(budgets.of(ResponseBody.endless(wake -> {
          throw new AssertionError("opened");
        })))
        .isSameAs(budgets.streams());
  }

  private static ResponseBody bodyOf(long length) {
    return ResponseBody.ofLength(length, () -> {
      throw new AssertionError("opened");
    });
  }

  private static Quotas budgets(Map<String, String> flags) {
    return Quotas.of(ConfigParser.read(flags, Map.of()).net());
  }

  private static void assertShareOf(Quota budget, long expected) {
    assertThat(budget.reserve(SOURCE, expected + 1)).isEqualTo(Limit.SOURCE);
    assertThat(budget.reserve(SOURCE, expected)).isNull();
    budget.release(SOURCE, expected);
  }
}
