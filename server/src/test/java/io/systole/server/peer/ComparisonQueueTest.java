// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.peer.RegistryComparison.Difference;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ComparisonQueueTest {
  private static final Difference NONE = new Difference(new BitSet(), new BitSet(), List.of());

  private final ComparisonQueue queue = new ComparisonQueue(Runnable::run);
  private final List<String> begun = new ArrayList<>();

  private CompletableFuture<Difference> add(int failures, String name) {
    CompletableFuture<Difference> comparison = new CompletableFuture<>();
    var unused = queue.add(failures, () -> {
      begun.add(name);
      return comparison;
    });
    return comparison;
  }

  private List<CompletableFuture<Difference>> occupy() {
    return IntStream.range(0, ComparisonQueue.RUNNING_MAX)
        .mapToObj(i -> add(0, "first"))
        .toList();
  }

  /** Every link had a whole registry in memory while it waited for a thread. */
  @Test
  void add_moreThanMayRun_beginsWhenAnotherEnds() {
    List<CompletableFuture<Difference>> running = occupy();
    add(0, "next");
    assertThat(begun).hasSize(ComparisonQueue.RUNNING_MAX).doesNotContain("next");

    running.get(0).complete(NONE);

    assertThat(begun).endsWith("next");
  }

  /** It waited for all comparisons with hostile peers, 30 s each. */
  @Test
  void add_linkThatHasNotFailed_goesBeforeThoseThatHave() {
    List<CompletableFuture<Difference>> running = occupy();
    add(2, "failed twice");
    add(1, "failed once");
    add(0, "honest");

    running.forEach(each -> each.completeExceptionally(new IllegalStateException("late")));

    assertThat(begun.subList(ComparisonQueue.RUNNING_MAX, begun.size()))
        .containsExactly("honest", "failed once", "failed twice");
  }

  @Test
  void add_sameFailures_goInTheOrderOfArrival() {
    List<CompletableFuture<Difference>> running = occupy();
    add(1, "a");
    add(1, "b");

    running.forEach(each -> each.complete(NONE));

    assertThat(begun).endsWith("a", "b");
  }

  @Test
  void add_comparisonThrows_failsItAndBeginsTheNext() {
    for (int i = 0; i < ComparisonQueue.RUNNING_MAX; i++) {
      assertThat(queue.add(0, () -> {
            throw new IllegalStateException("defect");
          }))
          .isCompletedExceptionally();
    }

    add(0, "next");

    assertThat(begun).containsExactly("next");
  }
}
