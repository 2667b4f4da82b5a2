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

/** The edge cases of spec §8, each with a real node of its own. */
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
      EdgeCasePlay play = new EdgeCasePlay(node);
      for (String step : edgeCase.steps()) {
        play.play(step);
      }
    }
  }

  @Test
  void everyRow_isPlayedOrElsewhere() {
    List<Integer> played = cases().stream().map(EdgeCase::row).toList();
    TreeSet<Integer> rows = new TreeSet<>(played);
    rows.addAll(ELSEWHERE.keySet());

    System.out.printf(
        "edge cases: %d rows; played: %d; elsewhere: %s%n", ROWS, played.size(), ELSEWHERE);
    assertThat(rows).isEqualTo(IntStream.rangeClosed(1, ROWS).boxed().collect(Collectors.toSet()));
    assertThat(played.size() + ELSEWHERE.size()).isEqualTo(ROWS);
    assertThat(cases()).allMatch(edgeCase -> !edgeCase.steps().isEmpty());
  }
}
