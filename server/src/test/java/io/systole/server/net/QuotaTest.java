// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class QuotaTest {
  private static final SourceAddress ONE = new SourceAddress(false, 1);
  private static final SourceAddress OTHER = new SourceAddress(false, 2);
  private static final SourceAddress THIRD = new SourceAddress(false, 3);

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

    CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);

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
