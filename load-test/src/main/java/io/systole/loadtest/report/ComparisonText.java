// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The terminal form of a comparison. */
public final class ComparisonText {
  private static final int RATIO_DIGITS = 3;
  private static final String UNKNOWN = "unknown";

  /**
   * A figure of a round.
   *
   * @param value null if unknown
   */
  private record ComparisonFigure(
      String name, int digits, Function<Report, @Nullable Double> value) {}

  private static final List<ComparisonFigure> FIGURES = List.of(
      new ComparisonFigure("renewals/s", 0, round -> round.window().renewalsPerSec()),
      new ComparisonFigure("target CPU us/renewal", 3, round -> round.cost().targetCpuUs()),
      new ComparisonFigure("generator us/renewal", 3, round -> round.cost().ownCpuUs()),
      new ComparisonFigure("bytes sent/renewal", 1, round -> round.cost().bytesSent()),
      new ComparisonFigure("bytes recv/renewal", 1, round -> round.cost().bytesReceived()),
      new ComparisonFigure(
          "p50 ms from due", 3, round -> round.window().fromDue().p50Ms()),
      new ComparisonFigure(
          "p99 ms from due", 3, round -> round.window().fromDue().p99Ms()),
      new ComparisonFigure(
          "p99.9 ms from due", 3, round -> round.window().fromDue().p999Ms()));

  private ComparisonText() {}

  /**
   * Returns a table of medians with their range. Ratios are taken between adjacent rounds; there
   * are none if any round failed, because rounds that did different work cannot be compared.
   *
   * @param rounds one or more
   */
  public static String of(ComparisonReport rounds) {
    var text = new TextLines();
    text.add("A  %s", rounds.a().get(0).name());
    text.add("B  %s", rounds.b().get(0).name());
    text.add(
        "%s each, alternating; median (minimum–maximum)",
        TextLines.count(rounds.a().size(), "round"));
    text.add("%-22s %-36s %-36s %s", "", "A", "B", "B / A");
    for (ComparisonFigure figure : FIGURES) {
      text.add(
          "%-22s %-36s %-36s %s",
          figure.name(),
          range(rounds.a(), figure),
          range(rounds.b(), figure),
          rounds.passed() ? ratio(rounds, figure) : "-");
    }
    for (Report round : rounds.a()) {
      generator(text, "A", round);
    }
    for (Report round : rounds.b()) {
      generator(text, "B", round);
    }
    if (!rounds.passed()) {
      text.add("no ratios: %s", rounds.faults());
    }
    return text.toString();
  }

  private static void generator(TextLines text, String target, Report round) {
    if (!round.generator().reason().isEmpty()) {
      text.add("%s: %s", target, round.generator().reason());
    }
  }

  private static String range(List<Report> rounds, ComparisonFigure figure) {
    List<Double> values =
        rounds.stream().map(figure.value()).filter(Objects::nonNull).toList();
    return values.size() < rounds.size() ? UNKNOWN : MedianRange.of(values).text(figure.digits());
  }

  private static String ratio(ComparisonReport rounds, ComparisonFigure figure) {
    List<Double> ratios = new ArrayList<>();
    for (int round = 0; round < rounds.a().size(); round++) {
      Double a = figure.value().apply(rounds.a().get(round));
      Double b = figure.value().apply(rounds.b().get(round));
      if (a == null || b == null || a == 0) {
        return UNKNOWN;
      }
      ratios.add(b / a);
    }
    MedianRange ratio = MedianRange.of(ratios);
    int digits = ratio.median() >= 100 ? 0 : ratio.median() >= 10 ? 1 : RATIO_DIGITS;
    return ratio.text(digits) + " times";
  }
}
