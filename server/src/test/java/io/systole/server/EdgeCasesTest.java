// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The edge cases of spec §8, each with a separate real node. */
class EdgeCasesTest {
  private static final int ROWS = 106;

  private static final String SENDING_PEER = "behaviour of a sending peer";
  private static final String REAL_CLIENT = "behaviour of a real client";

  /** Rows that can't be expressed as a request and its response. */
  private static final Map<Integer, String> ELSEWHERE = new TreeMap<>(Map.of(
      96, REAL_CLIENT,
      101, REAL_CLIENT,
      102, REAL_CLIENT,
      97, SENDING_PEER,
      103, SENDING_PEER,
      104, SENDING_PEER,
      106, SENDING_PEER,
      105, "the node as an instance of its own registry"));

  static List<EdgeCase> cases() {
    return EdgeCase.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("cases")
  void edgeCase_byRow(EdgeCase edgeCase) throws IOException {
    try (LiveNode node = LiveNode.start(edgeCase.options())) {
      EdgeCaseRunner runner = new EdgeCaseRunner(node);
      for (String step : edgeCase.steps()) {
        runner.run(step);
      }
    }
  }

  @Test
  void everyRow_isRunOrTestedElsewhere() {
    List<Integer> run = cases().stream().map(EdgeCase::row).toList();
    TreeSet<Integer> rows = new TreeSet<>(run);
    rows.addAll(ELSEWHERE.keySet());

    System.out.printf("edge cases: %d rows; run: %d; elsewhere: %s%n", ROWS, run.size(), ELSEWHERE);
    assertThat(rows).isEqualTo(IntStream.rangeClosed(1, ROWS).boxed().collect(Collectors.toSet()));
    assertThat(run.size() + ELSEWHERE.size()).isEqualTo(ROWS);
    assertThat(cases()).allMatch(edgeCase -> !edgeCase.steps().isEmpty());
  }
}
