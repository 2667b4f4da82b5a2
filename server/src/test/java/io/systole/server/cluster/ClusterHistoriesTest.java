// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random histories of three to five members whose messages are delayed, reordered and lost, and
 * which crash, freeze, part, meet again, leave and join. The report of a failure has the seed and
 * the last events. The system property {@code systole.cluster.seed} sets the first seed, and
 * {@code systole.cluster.histories} the number of histories.
 */
@Tag("randomized")
class ClusterHistoriesTest {
  private static final int STEPS = 8_000;

  /** A million steps in each build. */
  private static final int HISTORIES =
      Integer.getInteger("systole.cluster.histories", Repetitions.of(125));

  private final Map<String, Long> occurrences = new TreeMap<>();

  @Test
  void histories_withFaults_keepLeasesAndConverge() {
    long first = Long.getLong("systole.cluster.seed", 0);
    for (long seed = first; seed < first + HISTORIES; seed++) {
      run(seed);
    }

    System.out.println("cluster histories: " + occurrences);
    assertThat(occurrences.get("steps")).isEqualTo((long) HISTORIES * STEPS);
  }

  private void run(long seed) {
    try {
      run(seed, occurrences, false);
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError("history of seed=" + seed + " fails: " + replay(seed), failure);
    }
  }

  /** Repeats a history that fails, and returns its last events. */
  private static String replay(long seed) {
    try {
      run(seed, new TreeMap<>(), true);
      return "not when it is repeated";
    } catch (ReplayedFailure replayed) {
      return replayed.getMessage();
    }
  }

  private static final class ReplayedFailure extends RuntimeException {
    private static final long serialVersionUID = 1;

    ReplayedFailure(String message) {
      super(message);
    }
  }

  private static void run(long seed, Map<String, Long> occurrences, boolean isRecording) {
    ClusterHistory history = new ClusterHistory(seed, occurrences, isRecording);
    int step = 0;
    try {
      for (; step < STEPS; step++) {
        history.step();
      }
      history.end();
    } catch (AssertionError | RuntimeException failure) {
      if (!isRecording) {
        throw failure;
      }
      throw new ReplayedFailure(failure + "\n" + String.join("\n", history.events().lines())
          + "\nat step " + step + " of seed=" + seed);
    }
    occurrences.merge("steps", (long) step, Long::sum);
  }
}
