// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.server.peer.RegistryComparison.Difference;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * The comparisons of all links. Few run at the same time, as each has a whole registry in memory;
 * those of the links that have failed least go first. Confined to the peer thread.
 */
final class ComparisonQueue {
  /** More than one, so that a peer whose registry takes long does not delay the others. */
  static final int RUNNING_MAX = 4;

  /**
   * A comparison that has not begun.
   *
   * @param number in the order of arrival
   */
  private record Waiting(
      int failures,
      long number,
      Supplier<CompletableFuture<Difference>> comparison,
      CompletableFuture<Difference> result) {}

  private final Executor peerThread;

  /** At most one of each link. */
  private final Queue<Waiting> waiting = new PriorityQueue<>(
      Comparator.comparingInt(Waiting::failures).thenComparingLong(Waiting::number));

  private int running;
  private long added;

  ComparisonQueue(Executor peerThread) {
    this.peerThread = peerThread;
  }

  /**
   * Begins a comparison as soon as it may.
   *
   * @param failures of its link in succession
   * @param comparison begins it, without blocking
   */
  CompletableFuture<Difference> add(
      int failures, Supplier<CompletableFuture<Difference>> comparison) {
    CompletableFuture<Difference> result = new CompletableFuture<>();
    added++;
    waiting.add(new Waiting(failures, added, comparison, result));
    beginNext();
    return result;
  }

  private void beginNext() {
    while (running < RUNNING_MAX && !waiting.isEmpty()) {
      begin(waiting.remove());
    }
  }

  private void begin(Waiting next) {
    running++;
    // Whatever the start throws is a failed comparison too.
    var unused = CompletableFuture.completedFuture(next)
        .thenCompose(begun -> begun.comparison().get())
        .whenComplete((difference, failure) -> {
          peerThread.execute(this::ended);
          if (failure == null) {
            next.result().complete(difference);
          } else {
            next.result().completeExceptionally(failure);
          }
        });
  }

  private void ended() {
    running--;
    beginNext();
  }
}
