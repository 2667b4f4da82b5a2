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
  void reserve_overTheShareOfASource_isRefusedToItAlone() {
    Quota budget = new Quota(Resource.STREAMS, 4, 2);
    budget.reserve(ONE, 2);

    assertThat(budget.reserve(ONE, 1)).isEqualTo(Limit.SOURCE);
    assertThat(budget.reserve(OTHER, 1)).isNull();
    assertThat(budget.held()).isEqualTo(3);
  }

  @Test
  void reserve_overTheTotal_isRefusedAndReservesNothing() {
    Quota budget = new Quota(Resource.BODIES, 4, 3);
    budget.reserve(ONE, 3);

    assertThat(budget.reserve(OTHER, 2)).isEqualTo(Limit.TOTAL);
    assertThat(budget.reserve(OTHER, 1)).isNull();
    assertThat(budget.reserve(THIRD, 1)).isEqualTo(Limit.TOTAL);
    assertThat(budget.held()).isEqualTo(4);
    assertThat(budget.sourceCount()).isEqualTo(2);
  }

  @Test
  void release_inParts_makesSpaceAndEndsWithNoEntry() {
    Quota budget = new Quota(Resource.BODIES, 4, 4);
    budget.reserve(ONE, 4);

    budget.release(ONE, 1);
    assertThat(budget.reserve(ONE, 1)).isNull();
    budget.release(ONE, 3);
    budget.release(ONE, 1);

    assertThat(budget.held()).isZero();
    assertThat(budget.sourceCount()).isZero();
  }

  @Test
  void reserve_refusedToASourceThatHoldsNothing_leavesNoEntry() {
    Quota budget = new Quota(Resource.BODIES, 4, 2);

    assertThat(budget.reserve(ONE, 3)).isEqualTo(Limit.SOURCE);

    assertThat(budget.held()).isZero();
    assertThat(budget.sourceCount()).isZero();
  }

  @Test
  void reserve_fromManyThreads_neverExceedsABoundAndEndsEmpty() throws Exception {
    Quota budget = new Quota(Resource.LONG_RESPONSES, 3, 2);
    AtomicInteger inUse = new AtomicInteger();
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int seed = 0; seed < 4; seed++) {
      Random random = new Random(seed);
      threads.add(CompletableFuture.runAsync(() -> reserveAndRelease(budget, inUse, random)));
    }

    CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get(10, TimeUnit.SECONDS);

    assertThat(budget.held()).isZero();
    assertThat(budget.sourceCount()).isZero();
  }

  private static void reserveAndRelease(Quota budget, AtomicInteger inUse, Random random) {
    for (int i = 0; i < 20_000; i++) {
      SourceAddress source = new SourceAddress(true, random.nextInt(3));
      if (budget.reserve(source, 1) == null) {
        assertThat(inUse.incrementAndGet()).isLessThanOrEqualTo(3);
        inUse.decrementAndGet();
        budget.release(source, 1);
      }
    }
  }
}
