// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.server.WireTap.Exchange;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A third-party client that follows deltas while the node's registry changes continuously. */
final class ReconcilingClient implements AutoCloseable {
  private static final Duration TIMEOUT = Duration.ofMinutes(5);
  private static final long SEED = 20_261_126;
  private static final int WRITERS = 4;
  private static final int EVERY_MS = 4;
  private static final int APPS = 5;
  private static final int IDS = 30;

  private final OperatedNode node;
  private final WireTap tap;
  private final RealClient client;
  private final ScheduledExecutorService writers = Executors.newScheduledThreadPool(WRITERS);
  private final long startNs = System.nanoTime();

  ReconcilingClient(ClientProgram program) throws IOException {
    node = new OperatedNode();
    tap = new WireTap(node.port());
    client = program.start("http://127.0.0.1:" + tap.port() + "/eureka/", "REFRESHER", "client-1");
  }

  /** Waits until it has refreshed a number of times and the changes have ended. */
  void refreshesWhileOthersChange(int refreshes) throws Exception {
    List<RandomRequests> changes = new ArrayList<>();
    List<Future<?>> changing = new ArrayList<>();
    for (int i = 0; i < WRITERS; i++) {
      RandomRequests own = new RandomRequests(node.port(), APPS, IDS, SEED + i);
      changes.add(own);
      changing.add(writers.scheduleWithFixedDelay(
          () -> change(own), EVERY_MS, EVERY_MS, TimeUnit.MILLISECONDS));
    }
    await()
        .pollInterval(Duration.ofMillis(200))
        .atMost(TIMEOUT)
        .failFast("the client ended", () -> !client.isAlive())
        .failFast("a writer failed", () -> changing.stream().anyMatch(Future::isDone))
        .until(() -> count(Exchange::isDeltaFetch) >= refreshes);
    writers.shutdown();
    assertThat(writers.awaitTermination(10, TimeUnit.SECONDS)).isTrue();
    for (RandomRequests own : changes) {
      own.close();
    }
    System.out.printf(
        "Netflix's client: %d refreshes, %d full fetches, %d changes, %.1f s%n",
        count(Exchange::isDeltaFetch),
        count(Exchange::isFullFetch),
        node.changes(),
        (System.nanoTime() - startNs) / 1e9);
  }

  private static void change(RandomRequests own) {
    try {
      own.next();
    } catch (IOException lost) {
      throw new IllegalStateException("seed " + SEED, lost);
    }
  }

  void hasWhatTheNodeHas() throws Exception {
    String hash = node.hash();
    await()
        .atMost(TIMEOUT)
        .until(() -> client.reportedInstances().startsWith("hash=" + hash + " ")
            && client.reportedInstances().split(" ", -1).length == 1 + node.leaseCount());
    for (String seen : client.reportedInstances().split(" ", -1)) {
      if (seen.contains("/")) {
        String path = seen.substring(0, seen.indexOf('='));
        assertThat(seen).isEqualTo(path + "=" + node.statusOf("apps/" + path));
      }
    }
  }

  /** A full fetch happens at startup, and then only if a delta leads to a different hash code. */
  void neverFetchedEverythingAgain() {
    assertThat(count(Exchange::isFullFetch)).isEqualTo(1);
    assertThat(tap.exchanges())
        .filteredOn(exchange -> exchange.isFullFetch() || exchange.isDeltaFetch())
        .allMatch(exchange -> exchange.status() == 200);
  }

  private long count(Predicate<Exchange> kind) {
    return tap.exchanges().stream().filter(kind).count();
  }

  @Override
  public void close() throws IOException {
    writers.shutdownNow();
    client.close();
    tap.close();
    node.close();
  }
}
