// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.api.FailureReason;
import io.systole.client.api.HeartbeatListener;
import io.systole.client.heartbeat.Sessions;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A stalled event loop must not count its stall as a response timeout. */
class LoopPauseTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int TIMEOUT_MS = 400;
  private static final int PAUSE_MS = 3 * TIMEOUT_MS;

  /** Blocks the event loop once, directly after a write. */
  private static final class Blocking implements HeartbeatListener {
    final AtomicBoolean mustBlock = new AtomicBoolean();
    final AtomicInteger blocked = new AtomicInteger();
    final AtomicInteger renewed = new AtomicInteger();
    final AtomicInteger timedOut = new AtomicInteger();
    final AtomicInteger lost = new AtomicInteger();
    final AtomicInteger moves = new AtomicInteger();

    @Override
    public void answered(int status, long dueNs, long sentNs, long answeredNs) {
      renewed.incrementAndGet();
    }

    @Override
    public void failed(FailureReason reason, long dueNs) {
      if (reason == FailureReason.TIMED_OUT) {
        timedOut.incrementAndGet();
      } else if (reason == FailureReason.CONNECTION_LOST) {
        lost.incrementAndGet();
      }
    }

    @Override
    public void bytesTransferred(int bytesSent, int bytesReceived) {
      if (bytesSent > 0 && mustBlock.compareAndSet(true, false)) {
        long endNs = System.nanoTime() + Duration.ofMillis(PAUSE_MS).toNanos();
        while (endNs - System.nanoTime() > 0) {
          LockSupport.parkNanos(endNs - System.nanoTime());
        }
        blocked.incrementAndGet();
      }
    }

    @Override
    public void failedOver(URI from, URI to, String cause) {
      moves.incrementAndGet();
    }
  }

  @Test
  void pause_longerThanTimeout_keepsServer() throws IOException {
    Blocking observer = new Blocking();
    try (FakeRegistry own = new FakeRegistry();
        FakeRegistry far = new FakeRegistry();
        HeartbeatClient client = new ClientBuilder()
            .zone("own", List.of(own.url()))
            .zone("far", List.of(far.url()))
            .connections(4)
            .interval(Duration.ofMillis(3_600_000))
            .responseTimeout(Duration.ofMillis(TIMEOUT_MS))
            .overdueMax(1)
            .cancelOnClose(false)
            .observers(() -> observer)
            .build()) {
      CompletableFuture<?>[] all = IntStream.range(0, 100)
          .mapToObj(index -> client.register(Sessions.source("A", "i" + index)).whenRegistered())
          .toArray(CompletableFuture[]::new);
      assertThat(CompletableFuture.allOf(all)).succeedsWithin(SOON);

      client.pace(SendMode.FULL_SPEED);
      await().atMost(SOON).until(() -> observer.renewed.get() >= 1_000);
      observer.mustBlock.set(true);

      await().atMost(SOON).until(() -> observer.blocked.get() == 1);
      int before = observer.renewed.get();
      await().atMost(SOON).until(() -> observer.renewed.get() >= before + 500);
      assertThat(observer.timedOut).hasValue(0);
      assertThat(observer.lost).hasValue(0);
      assertThat(observer.moves).hasValue(0);
    }
  }
}
