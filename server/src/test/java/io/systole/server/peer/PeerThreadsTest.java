// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tasks that take long, beside those of other links. */
class PeerThreadsTest {
  private final PeerThreads threads = new PeerThreads();
  private final CountDownLatch blocked = new CountDownLatch(1);

  @AfterEach
  void close() {
    blocked.countDown();
    threads.close();
  }

  /** All comparisons had one thread. */
  @Test
  void comparison_anotherTakesLong_runsMeanwhile() throws InterruptedException {
    threads.executeComparison(this::block);

    assertComparisonRuns();
  }

  /** Two nodes did not replicate to each other while one waited for a registry to load. */
  @Test
  void comparison_registryIsBeingLoaded_runsMeanwhile() throws InterruptedException {
    threads.executeLoad(this::block);

    assertComparisonRuns();
  }

  private void assertComparisonRuns() throws InterruptedException {
    CountDownLatch ran = new CountDownLatch(1);
    threads.executeComparison(ran::countDown);
    assertThat(ran.await(PeerFixture.LIMIT.toMillis(), TimeUnit.MILLISECONDS)).isTrue();
  }

  private void block() {
    try {
      blocked.await();
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }
}
