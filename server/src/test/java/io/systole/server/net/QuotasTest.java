// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.config.ConfigParser;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.net.Quotas.Quota;
import io.systole.server.route.ResponseBody;
import io.systole.server.route.SourceAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QuotasTest {
  private static final SourceAddress ONE = new SourceAddress(false, 1);
  private static final SourceAddress OTHER = new SourceAddress(false, 2);
  private static final SourceAddress THIRD = new SourceAddress(false, 3);

  @Test
  void of_defaults_limitASourceToAQuarter() {
    Quotas quotas = quotas(Map.of());

    assertShareOf(quotas.longResponses(), 256);
    assertShareOf(quotas.streams(), 256);
    assertShareOf(quotas.bodyBytes(), 16 * 1024 * 1024);
    assertShareOf(quotas.connections(), 65_536);
  }

  @Test
  void forManagement_connectionsAndHandshakes_areSeparate() {
    Quotas main = quotas(Map.of());
    Quotas management = main.forManagement();

    assertShareOf(management.connections(), Quotas.MANAGEMENT_CONNECTIONS_MAX);
    assertThat(management.handshakes()).isNotSameAs(main.handshakes());
    assertThat(management.clientHellos()).isNotSameAs(main.clientHellos());
    assertThat(management.bodyBytes()).isSameAs(main.bodyBytes());
    assertThat(management.unsentBytes()).isSameAs(main.unsentBytes());
  }

  @Test
  void of_shareOfOne_isTheWholeQuota() {
    Quotas quotas = quotas(Map.of("--max-source-share", "1.0", "--max-streams", "3"));

    quotas.streams().reserve(ONE, 3);

    assertThat(quotas.streams().reserve(ONE, 1)).isEqualTo(Limit.SOURCE);
    assertThat(quotas.streams().reserved()).isEqualTo(3);
  }

  @Test
  void of_shareSmallerThanOneUnit_isOneUnitAndOneBody() {
    Quotas quotas = quotas(
        Map.of("--max-source-share", "0.001", "--max-streams", "3", "--max-body-size", "500000B"));

    assertShareOf(quotas.streams(), 1);
    assertShareOf(quotas.bodyBytes(), 500_000);
  }

  @Test
  void of_bodyWithinTheWriteBuffer_isNoLongResponse() {
    Quotas quotas = quotas(Map.of("--write-buffer-size", "10000B"));

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
    assertThat(quota.reserve(ONE, expected + 1)).isEqualTo(Limit.SOURCE);
    assertThat(quota.reserve(ONE, expected)).isNull();
    quota.release(ONE, expected);
  }

  @Test
  void reserve_overTheLimitOfASource_isRefusedForThatSource() {
    Quota quota = new Quota(Resource.STREAMS, 4, 2);
    quota.reserve(ONE, 2);

    assertThat(quota.reserve(ONE, 1)).isEqualTo(Limit.SOURCE);
    assertThat(quota.reserve(OTHER, 1)).isNull();
    assertThat(quota.reserved()).isEqualTo(3);
  }

  @Test
  void reserve_overTheTotal_isRefusedAndReservesNothing() {
    Quota quota = new Quota(Resource.BODIES, 4, 3);
    quota.reserve(ONE, 3);

    assertThat(quota.reserve(OTHER, 2)).isEqualTo(Limit.TOTAL);
    assertThat(quota.reserve(OTHER, 1)).isNull();
    assertThat(quota.reserve(THIRD, 1)).isEqualTo(Limit.TOTAL);
    assertThat(quota.reserved()).isEqualTo(4);
    assertThat(quota.sourceCount()).isEqualTo(2);
  }

  @Test
  void release_inParts_allowsReservationsAndLeavesNoEntry() {
    Quota quota = new Quota(Resource.BODIES, 4, 4);
    quota.reserve(ONE, 4);

    quota.release(ONE, 1);
    assertThat(quota.reserve(ONE, 1)).isNull();
    quota.release(ONE, 3);
    quota.release(ONE, 1);

    assertThat(quota.reserved()).isZero();
    assertThat(quota.sourceCount()).isZero();
  }

  @Test
  void reserve_refusedForANewSource_leavesNoEntry() {
    Quota quota = new Quota(Resource.BODIES, 4, 2);

    assertThat(quota.reserve(ONE, 3)).isEqualTo(Limit.SOURCE);

    assertThat(quota.reserved()).isZero();
    assertThat(quota.sourceCount()).isZero();
  }

  @Test
  void reserve_fromManyThreads_neverExceedsALimitAndLeavesNoEntry() throws Exception {
    Quota quota = new Quota(Resource.LONG_RESPONSES, 3, 2);
    AtomicInteger inUse = new AtomicInteger();
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      threads.add(CompletableFuture.runAsync(() -> reserveAndRelease(quota, inUse, random)));
    }

    CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get(30, TimeUnit.SECONDS);

    assertThat(quota.reserved()).isZero();
    assertThat(quota.sourceCount()).isZero();
  }

  private static void reserveAndRelease(Quota quota, AtomicInteger inUse, Random random) {
    for (int i = 0; i < 20_000; i++) {
      SourceAddress source = new SourceAddress(true, random.nextInt(3));
      if (quota.reserve(source, 1) == null) {
        assertThat(inUse.incrementAndGet()).isLessThanOrEqualTo(3);
        inUse.decrementAndGet();
        quota.release(source, 1);
      }
    }
  }
}
