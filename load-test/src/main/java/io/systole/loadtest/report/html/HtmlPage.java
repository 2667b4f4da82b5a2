// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.loadtest.report.ToolVersion;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The report of one or several series as a self-contained HTML page. */
public final class HtmlPage {
  private static final Pattern SLOT = Pattern.compile("\\{\\{([a-z-]+)}}");
  private static final String UPLOT = "uplot-1.6.32/";

  private HtmlPage() {}

  /**
   * Returns an HTML document; the other series are compared with the first.
   *
   * @param allSeries 1..{@link Series#ALL_SERIES_MAX}
   * @throws IllegalArgumentException if there are none or too many
   */
  public static String of(List<Series> allSeries) {
    if (allSeries.isEmpty() || allSeries.size() > Series.ALL_SERIES_MAX) {
      throw new IllegalArgumentException(
          allSeries.size() + " series; a page shows 1.." + Series.ALL_SERIES_MAX);
    }
    PlotData data = PlotData.of(allSeries);
    String uplot = resource(UPLOT + "uPlot.iife.min.js");
    String script = resource("page.js");
    return filled(
        resource("page.html"),
        Map.of(
            "title", HtmlBuilder.escaped(SummarySection.title(allSeries)),
            "styles", resource(UPLOT + "uPlot.min.css") + resource("page.css"),
            "scripts-allowed", allowed(uplot) + " " + allowed(script),
            "body", body(allSeries, data),
            "data", data.json(),
            "uplot-license", HtmlBuilder.escaped(resource(UPLOT + "LICENSE")),
            "uplot", uplot,
            "script", script,
            "version", HtmlBuilder.escaped(ToolVersion.version())));
  }

  private static String body(List<Series> allSeries, PlotData data) {
    HtmlBuilder page = new HtmlBuilder();
    page.markup("<header>\n<p class=\"tool\">Systole load test</p>\n");
    page.element("h1", SummarySection.title(allSeries));
    SummarySection.outcome(page, allSeries);
    SummarySection.descriptions(page, allSeries);
    page.markup("</header>\n<section>\n").element("h2", "Figures");
    FigureTables.headline(page, allSeries);
    SummarySection.expectations(page, allSeries);
    page.markup("</section>\n<section>\n").element("h2", "Timeline");
    plots(page, data);
    SummarySection.events(page, data.markers(), allSeries);
    page.markup("</section>\n<section>\n").element("h2", "Details");
    page.markup(
        SummarySection.isSingleRun(allSeries)
            ? "<div class=\"columns\">\n<div>\n"
            : "<div>\n<div>\n");
    FigureTables.all(page, allSeries);
    page.markup("</div>\n<div>\n");
    SummarySection.responses(page, allSeries);
    SummarySection.conditions(page, allSeries);
    return page.markup("</div>\n</div>\n</section>\n").toString();
  }

  private static void plots(HtmlBuilder page, PlotData data) {
    if (!data.hasColumn("at")) {
      page.element("p", "No timeline was recorded.");
    }
    if (data.samplesPerPoint() > 1) {
      page.element(
          "p",
          "Each point covers " + data.samplesPerPoint()
              + " samples; latency and memory are the highest of them.");
    }
    page.markup("<noscript><p>The plots require JavaScript; the tables do not.</p></noscript>\n");
    page.markup("<div class=\"plots\">\n");
    for (Plot plot : Plot.values()) {
      plot.appendTo(page, data);
    }
    page.markup("</div>\n");
  }

  /** Replaces each slot once; replacements are not searched for slots. */
  private static String filled(String template, Map<String, String> slots) {
    return SLOT.matcher(template)
        .replaceAll(slot -> Matcher.quoteReplacement(
            Objects.requireNonNull(slots.get(slot.group(1)), slot.group(1))));
  }

  /** Returns the Content-Security-Policy source that allows this script only. */
  private static String allowed(String script) {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(script.getBytes(UTF_8));
      return "'sha256-" + Base64.getEncoder().encodeToString(hash) + "'";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Returns a resource with the line ends that a browser hashes. */
  static String resource(String name) {
    try (InputStream in = HtmlPage.class.getResourceAsStream(name)) {
      return new String(Objects.requireNonNull(in, name).readAllBytes(), UTF_8)
          .replace("\r\n", "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
