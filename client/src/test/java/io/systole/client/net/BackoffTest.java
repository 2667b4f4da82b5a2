// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class BackoffTest {
  private final Backoff backoff = new Backoff(100, 1000, new SplittableRandom(42));

  @Test
  void nextMs_lossesInARow_doublesUpToTheLongest() {
    for (long wholeMs : new long[] {100, 200, 400, 800, 1000, 1000, 1000}) {
      assertThat(backoff.nextMs()).isBetween(wholeMs / 2, wholeMs);
    }
  }

  @Test
  void nextMs_afterReset_beginsAnew() {
    LongStream.range(0, 5).forEach(loss -> backoff.nextMs());

    backoff.reset();

    assertThat(backoff.nextMs()).isBetween(50L, 100L);
  }

  @Test
  void nextMs_manyClients_doNotWaitEquallyLong() {
    LongStream waits = LongStream.range(0, 100)
        .map(seed -> new Backoff(1000, 1000, new SplittableRandom(seed)).nextMs());

    assertThat(waits.distinct().count()).isGreaterThan(50);
  }
}
