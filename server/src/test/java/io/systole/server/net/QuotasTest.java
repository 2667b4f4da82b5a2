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
  void of_defaults_limitASourceToAQuarter() {
    Quotas quotas = quotas(Map.of());

    assertShareOf(quotas.longResponses(), 256);
    assertShareOf(quotas.streams(), 256);
    assertShareOf(quotas.bodyBytes(), 16 * 1024 * 1024);
    assertShareOf(quotas.connections(), 65_536);
  }

  @Test
  void of_shareOfOne_doesNotLimitASource() {
    Quotas quotas = quotas(Map.of("--max-source-share", "1.0", "--max-streams", "3"));

    quotas.streams().reserve(SOURCE, 3);

    assertThat(quotas.streams().reserve(SOURCE, 1)).isEqualTo(Limit.SOURCE);
    assertThat(quotas.streams().reserved()).isEqualTo(3);
  }

  @Test
  void of_shareSmallerThanOneUnit_isOneUnitAndOneBody() {
    Quotas quotas = quotas(
        Map.of("--max-source-share", "0.001", "--max-streams", "3", "--max-body-bytes", "500000"));

    assertShareOf(quotas.streams(), 1);
    assertShareOf(quotas.bodyBytes(), 500_000);
  }

  @Test
  void of_bodyWithinTheWriteBuffer_isNoLongResponse() {
    Quotas quotas = quotas(Map.of("--write-buffer-bytes", "10000"));

    assertThat(quotas.of(bodyOf(10_000))).isNull();
    assertThat(quotas.of(bodyOf(10_001))).isSameAs(quotas.longResponses());
    assertThat(quotas.of(ResponseBody.streaming(wake -> {
          throw new AssertionError("opened");
        })))
        .isSameAs(quotas.streams());
  }

  private static ResponseBody bodyOf(long length) {
    return ResponseBody.ofLength(length, () -> {
      throw new AssertionError("opened");
    });
  }

  private static Quotas quotas(Map<String, String> flags) {
    return Quotas.of(ConfigParser.read(flags, Map.of()).net());
  }

  private static void assertShareOf(Quota quota, long expected) {
    assertThat(quota.reserve(SOURCE, expected + 1)).isEqualTo(Limit.SOURCE);
    assertThat(quota.reserve(SOURCE, expected)).isNull();
    quota.release(SOURCE, expected);
  }
}
