// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Event;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class HtmlPageTest {
  private static String page(Report... reports) {
    return HtmlPage.of(List.of(reports).stream().map(Series::of).toList());
  }

  /** The page without its scripts and styles. */
  private static String words(String page) {
    return page.substring(page.indexOf("<main>"), page.indexOf("<footer>")).replace('\u00a0', ' ');
  }

  @Test
  void of_oneReport_containsAllFigures() {
    String page = words(page(Reports.stalled()));

    assertThat(page)
        .contains("<h1>run http://127.0.0.1:8761/v2</h1>")
        .contains("<div class=\"outcome failed\"><strong>Failed</strong>")
        .contains("of 200000 heartbeats 100 with status 404, 40 TIMED_OUT")
        .contains(
            "100,000 instances in 1,000 applications each sent a heartbeat every 30 s, 3,333/s")
        .contains("<dt>Renewals per second</dt><dd>3,331/s</dd>")
        .contains("<div class=\"bad\"><dt>Heartbeats without status 200</dt><dd>140</dd>")
        .contains("<th scope=\"row\">status 404</th><td>100</td>")
        .contains("<th scope=\"row\">failed, TIMED_OUT</th><td>40</td>")
        .contains("&lt;= 20 ms</th><td>1,300 ms</td><td>NOT held</td>")
        .contains("<td>24.0 s</td><td>target stopped: kill -STOP</td>")
        .contains("target counted 216,430, we counted 216,430: equal")
        .contains("<th scope=\"row\">Generator cores</th><td>2</td>");
  }

  @Test
  void of_generatorFellBehind_isInvalid() {
    String page = words(page(Reports.with(Reports.stalled(), Reports.LATE)));

    assertThat(page)
        .contains("<div class=\"outcome invalid\"><strong>Invalid</strong>")
        .contains("these figures are not the target\u2019s: 99 % of its wake-ups were 412 ms late");
  }

  @Test
  void of_oneInvalidRun_isNamed() {
    Report late = Reports.with(Reports.smooth("b", 2, 1), Reports.LATE);

    String page = words(page(Reports.smooth("a", 1, 1), late));

    assertThat(page)
        .contains("<h1>a and b</h1>")
        .contains("<div class=\"outcome invalid\"><strong>Invalid</strong> <span>1 of 2 passed")
        .contains("<th scope=\"row\">b</th><td>Invalid</td>");
  }

  @Test
  void of_rounds_givesMediansSpreadsAndRatios() {
    Series base = new Series(
        "A",
        List.of(
            Reports.smooth("a", 1, 10), Reports.smooth("a", 2, 20), Reports.smooth("a", 3, 40)));
    Series other = new Series(
        "B",
        List.of(
            Reports.smooth("b", 1, 20), Reports.smooth("b", 2, 80), Reports.smooth("b", 3, 400)));

    String page = words(HtmlPage.of(List.of(base, other)));

    assertThat(page)
        .contains("<div class=\"outcome passed\"><strong>Passed</strong> <span>6 of 6 passed")
        .contains("<td>26.0 ms<small>13.0\u201352.0 ms</small></td>")
        .contains("<td class=\"ratio\">4.00 times<small>2.00\u201310.0 times</small></td>");
  }

  @Test
  void of_emptyReport_showsUnknownFigures() {
    String page = words(page(Reports.bare("bare")));

    assertThat(page)
        .contains("No timeline was recorded.")
        .contains("<dt>Latency p99, from due</dt><dd>unknown</dd>")
        .doesNotContain("<figure", "NaN", "null", "Infinity");
  }

  @Test
  void of_eventsWithoutNumber_listsTheFirst() {
    List<Event> many = Collections.nCopies(1_000, new Event(1, "again"));

    String page = words(page(Reports.with(Reports.bare("bare"), List.of(), many)));

    assertThat(page)
        .contains("Events, the first 200")
        .containsOnlyOnce("<th scope=\"row\">200</th>");
    assertThat(page).doesNotContain("<th scope=\"row\">201</th>");
  }

  @Test
  void of_anyReport_isSelfContainedWithLicense() {
    String page = page(Reports.stalled());

    assertThat(page)
        .contains("default-src 'none'", "script-src 'sha256-")
        .contains("Copyright (c) 2022 Leon Sorokin", "The MIT License (MIT)")
        .doesNotContain("{{", " src=", "<link", "@import", "url(");
  }

  @Test
  void of_namesThatLookLikeSlots_areLeftAlone() {
    assertThat(words(page(Reports.smooth("{{script}} $1 \\", 1, 1))))
        .contains("<h1>{{script}} $1 \\</h1>");
  }

  @Test
  void of_noSeriesOrTooMany_isRejected() {
    List<Series> nine =
        Collections.nCopies(Series.ALL_SERIES_MAX + 1, Series.of(Reports.bare("bare")));

    assertThatThrownBy(() -> HtmlPage.of(List.of())).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> HtmlPage.of(nine)).hasMessage("9 series; a page shows 1..8");
  }
}
