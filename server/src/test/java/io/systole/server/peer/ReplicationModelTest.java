// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.Repetitions;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random histories of three nodes that lose messages, links and state. At the end of each all
 * registries must be equal, and no acknowledged lease may have been lost. The report of a failure
 * has the seed and the events.
 */
@Tag("randomized")
class ReplicationModelTest {
  private static final int STEPS = 1_000;

  /** A hundred thousand steps in each build. */
  private static final int HISTORIES =
      Integer.getInteger("systole.replication.histories", Repetitions.of(100));

  private final Map<String, Integer> occurrences = new TreeMap<>();

  @Test
  void histories_withFaults_endWithEqualRegistries() {
    long first = Long.getLong("systole.replication.seed", 0);
    for (long seed = first; seed < first + HISTORIES; seed++) {
      run(seed);
    }
    assertThat(occurrences)
        .containsKeys(
            "request lost",
            "response lost",
            "compared different",
            "result 404",
            "result 409",
            "adopted",
            "renew CLIENT_IS_NEWER",
            "renew UNKNOWN_INSTANCE",
            "renew STATUS_UNKNOWN",
            "override true",
            "remove true",
            "metadata UPDATED",
            "cancel true",
            "evicted",
            "restarted with journal",
            "restarted empty");
  }

  private void run(long seed) {
    HistoryLog log = new HistoryLog(occurrences);
    ReplicationHistory history = new ReplicationHistory(seed, log);
    try {
      for (int i = 0; i < STEPS; i++) {
        history.step();
      }
      history.end();
    } catch (AssertionError | RuntimeException failure) {
      throw new AssertionError(
          "history of seed=" + seed + " fails: " + failure.getMessage() + "\n"
              + String.join("\n", log.events()),
          failure);
    }
  }
}
