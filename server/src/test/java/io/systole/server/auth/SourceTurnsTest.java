// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SourceTurnsTest {
  private final SourceTurns turns = new SourceTurns();
  private final List<String> run = new ArrayList<>();

  private void add(String source, String task) {
    turns.add(source, () -> run.add(task));
  }

  @Test
  void poll_tasksOfSeveralSources_areInTurn() {
    add("a", "a1");
    add("a", "a2");
    add("a", "a3");
    add("b", "b1");
    add("c", "c1");
    add("b", "b2");

    for (Runnable next = turns.poll(); next != null; next = turns.poll()) {
      next.run();
    }

    assertThat(run).containsExactly("a1", "b1", "c1", "a2", "b2", "a3");
  }

  @Test
  void poll_withoutTasks_isNull() {
    assertThat(turns.poll()).isNull();
  }
}
