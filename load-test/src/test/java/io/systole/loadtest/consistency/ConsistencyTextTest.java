// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.consistency;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.consistency.ConsistencyReport.ServerSummary;
import io.systole.loadtest.consistency.InstanceDifference.MemberDifference;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ConsistencyTextTest {
  private static final ServerSummary A = new ServerSummary("A", "http://a/v2", 1200, 2, 0);
  private static final ServerSummary B = new ServerSummary("B", "http://b/v2", 1199, 0, 1);

  private static String text(int differing, InstanceDifference... differences) {
    return ConsistencyText.of(
        new ConsistencyReport(List.of(A, B), 1200, differing, 0, List.of(differences)));
  }

  private static MemberDifference member(String name, String... values) {
    Map<String, String> byServer = new LinkedHashMap<>();
    for (int server = 0; server < values.length; server++) {
      byServer.put(String.valueOf((char) ('A' + server)), values[server]);
    }
    return new MemberDifference(name, byServer);
  }

  private static InstanceDifference instance(String id, MemberDifference... members) {
    return new InstanceDifference("APP", id, List.of(), List.of(members));
  }

  @Test
  void of_differences_areListedBelowTheirInstance() {
    Map<String, String> absentAtB = new LinkedHashMap<>(Map.of("A", "v"));
    absentAtB.put("B", null);
    String text = text(
        7,
        new InstanceDifference("APP", "1", List.of("B"), List.of()),
        instance(
            "2",
            member("status", "UP", "DOWN", "UP"),
            new MemberDifference("vipAddress", absentAtB)));

    assertThat(text.lines())
        .containsExactly(
            "A  http://a/v2: 1,200 instances, 2 of them repeated",
            "B  http://b/v2: 1,199 instances, 1 more are malformed and left out",
            "APP/1",
            "    missing at B",
            "APP/2",
            "    status: \"UP\" at A, C; \"DOWN\" at B",
            "    vipAddress: \"v\" at A; absent at B",
            "and 5 more instances");
  }

  @Test
  void of_controlCharacters_areEscaped() {
    String text = text(1, instance("i\u001b[2J", member("metadata.\u0007", "a\nb", "%s")));

    assertThat(text)
        .contains("APP/i\\u001b[2J", "metadata.\\u0007: \"a\\u000ab\" at A; \"%s\" at B")
        .doesNotContain("\u001b", "\u0007");
  }

  @Test
  void of_longValues_areShownAroundTheFirstDifference() {
    String common = "x".repeat(500);

    String text = text(1, instance("1", member("m", common + "1" + common, common + "2", "x")));

    assertThat(text.lines().filter(line -> line.contains(" m: ")))
        .singleElement()
        .asString()
        .contains("\"x\" at C")
        .hasSizeLessThan(300);
    String alike = text(1, instance("1", member("m", common + "1" + common, common + "2")));
    assertThat(alike).contains("...xxxxxxxxxx1", "...xxxxxxxxxx2\" at B");
  }

  @Test
  void of_moreMembersThanTheLimit_areCounted() {
    MemberDifference[] members = IntStream.range(0, 25)
        .mapToObj(number -> member("metadata.k" + number, "1", "2"))
        .toArray(MemberDifference[]::new);

    assertThat(text(1, instance("1", members)).lines())
        .hasSize(2 + 1 + 20 + 1)
        .last()
        .isEqualTo("    and 5 more members");
  }

  @Test
  void line_missingAndDifferent_isOneLine() {
    InstanceDifference difference =
        new InstanceDifference("APP", "1", List.of("C"), List.of(member("status", "UP", "DOWN")));

    assertThat(ConsistencyText.line(difference)).isEqualTo("APP/1 missing at C, differs in status");
  }
}
