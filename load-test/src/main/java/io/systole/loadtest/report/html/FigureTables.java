// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import io.systole.loadtest.report.MedianRange;
import java.util.List;
import java.util.Optional;

/**
 * The figures of a page: the main ones as tiles or a table, and all of them as a table with ratios.
 */
final class FigureTables {
  private static final String UNKNOWN = "\u2013";
  private static final List<ReportFigure> HEADLINE = List.of(
      ReportFigure.RENEWALS_PER_SEC,
      ReportFigure.P50,
      ReportFigure.P99,
      ReportFigure.P999,
      ReportFigure.NOT_RENEWED,
      ReportFigure.TARGET_CPU,
      ReportFigure.OWN_CPU,
      ReportFigure.BYTES_SENT,
      ReportFigure.BYTES_RECEIVED,
      ReportFigure.REGISTRATIONS_PER_SEC);

  private FigureTables() {}

  /** Appends the main figures: tiles for a single series, otherwise a table. */
  static void headline(HtmlBuilder page, List<Series> allSeries) {
    if (allSeries.size() == 1) {
      tiles(page, allSeries.get(0));
    } else {
      table(page, allSeries, "Summary of the window", HEADLINE);
    }
  }

  /** Appends every figure that any series has, with ratios to the first series. */
  static void all(HtmlBuilder page, List<Series> allSeries) {
    table(page, allSeries, "All figures of the window", List.of(ReportFigure.values()));
  }

  private static void tiles(HtmlBuilder page, Series series) {
    page.markup("<dl class=\"tiles\">\n");
    for (ReportFigure figure : HEADLINE) {
      Optional<MedianRange> range = SeriesComparison.of(figure, series);
      boolean isBad =
          figure == ReportFigure.NOT_RENEWED && range.map(MedianRange::greatest).orElse(0.0) > 0;
      page.markup(isBad ? "<div class=\"bad\"><dt>" : "<div><dt>").text(figure.label());
      page.markup("</dt><dd>").text(range.map(s -> figure.unit().of(s.median())).orElse("unknown"));
      page.markup("</dd></div>\n");
    }
    page.markup("</dl>\n");
  }

  private static void table(
      HtmlBuilder page, List<Series> allSeries, String what, List<ReportFigure> figures) {
    page.markup("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"")
        .text(what);
    page.markup("\"><table class=\"figures\">\n").element("caption", what + note(allSeries));
    page.markup("<thead><tr><th scope=\"col\">Figure</th>");
    for (int i = 0; i < allSeries.size(); i++) {
      page.markup("<th scope=\"col\">");
      if (allSeries.size() > 1) {
        page.markup("<span class=\"key k" + i + "\"></span>");
      }
      page.text(allSeries.size() == 1 ? "Value" : allSeries.get(i).name()).markup("</th>");
      if (i == 1 && allSeries.size() == 2) {
        page.markup("<th scope=\"col\" class=\"ratio\">Ratio</th>");
      }
    }
    page.markup("</tr></thead>\n<tbody>\n");
    for (ReportFigure figure : figures) {
      if (allSeries.stream()
          .anyMatch(series -> SeriesComparison.of(figure, series).isPresent())) {
        row(page, figure, allSeries);
      }
    }
    page.markup("</tbody></table></div>\n");
  }

  private static String note(List<Series> allSeries) {
    boolean hasRounds = allSeries.stream().anyMatch(series -> series.rounds().size() > 1);
    return (hasRounds ? ": median of the rounds, with minimum and maximum" : "")
        + (allSeries.size() > 1 ? "; ratios are to " + allSeries.get(0).name() : "");
  }

  private static void row(HtmlBuilder page, ReportFigure figure, List<Series> allSeries) {
    page.markup("<tr><th scope=\"row\">").text(figure.label()).markup("<small>");
    page.text(figure.description()).markup("</small></th>");
    for (int i = 0; i < allSeries.size(); i++) {
      page.markup("<td>");
      value(page, figure, SeriesComparison.of(figure, allSeries.get(i)));
      if (i > 0) {
        // With many series the ratio is placed below the value, or the table would be wider than a
        // page.
        page.markup(allSeries.size() == 2 ? "</td><td class=\"ratio\">" : "<span class=\"ratio\">");
        ratio(page, SeriesComparison.ratio(figure, allSeries.get(0), allSeries.get(i)));
        page.markup(allSeries.size() == 2 ? "" : "</span>");
      }
      page.markup("</td>");
    }
    page.markup("</tr>\n");
  }

  private static void value(HtmlBuilder page, ReportFigure figure, Optional<MedianRange> range) {
    page.text(range.map(s -> figure.unit().of(s.median())).orElse(UNKNOWN));
    range
        .filter(MedianRange::hasWidth)
        .ifPresent(s -> small(page, figure.unit().range(s.least(), s.greatest())));
  }

  private static void ratio(HtmlBuilder page, Optional<MedianRange> ratio) {
    page.text(ratio.map(s -> times(s.median())).orElse(UNKNOWN));
    ratio
        .filter(MedianRange::hasWidth)
        .ifPresent(s -> small(page, FigureUnit.digits(s.least()) + "\u2013" + times(s.greatest())));
  }

  private static void small(HtmlBuilder page, String text) {
    page.markup("<small>").text(text).markup("</small>");
  }

  private static String times(double ratio) {
    return FigureUnit.digits(ratio) + "\u00a0times";
  }
}
