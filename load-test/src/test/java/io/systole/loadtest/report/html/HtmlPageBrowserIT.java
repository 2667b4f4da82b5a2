// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report;
import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The page in a real browser. Screenshots are written to {@code target/pages}. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(180)
class HtmlPageBrowserIT {
  private static final Path PICTURES = Path.of("target", "pages");
  private static final int SAME_COLOUR = 24;
  private static final int INK_MIN = 15;

  /** Returns the area of each plot and the colours of its legend. */
  private static final String PLOTS = """
      [...document.querySelectorAll("figure[data-plot]")].map(figure => {
        const box = figure.querySelector(".u-over").getBoundingClientRect();
        return {
          name: figure.dataset.plot,
          x: box.x + scrollX, y: box.y + scrollY, width: box.width, height: box.height,
          colours: [...figure.querySelectorAll(".legend button canvas")].map(swatch =>
            [...swatch.getContext("2d").getImageData(2, 10, 1, 1).data]),
        };
      })""";

  /** Returns the pixels in the colour of each line while all others of its plot are hidden. */
  private static final String LINES_ALONE = """
      (async () => {
        const drawn = () => new Promise(done => requestAnimationFrame(() => setTimeout(done)));
        const pixels = canvas => canvas.getContext("2d")
          .getImageData(0, 0, canvas.width, canvas.height).data;
        const lines = [];
        for (const figure of document.querySelectorAll("figure[data-plot]")) {
          const buttons = [...figure.querySelectorAll(".legend button")];
          for (const line of buttons) {
            const others = buttons.filter(button => button !== line);
            others.forEach(button => button.click());
            await drawn();
            const all = pixels(figure.querySelector(".uplot canvas"));
            const colour = line.querySelector("canvas").getContext("2d")
              .getImageData(2, 10, 1, 1).data;
            let ink = 0;
            for (let i = 0; i < all.length; i += 4) {
              ink += [0, 1, 2].every(c => Math.abs(all[i + c] - colour[c]) <= 12) ? 1 : 0;
            }
            lines.push({plot: figure.dataset.plot, line: line.textContent, ink});
            others.forEach(button => button.click());
          }
        }
        return lines;
      })()""";

  @TempDir
  static Path folder;

  private Browser browser;

  @BeforeAll
  void start() throws Exception {
    Files.createDirectories(PICTURES);
    browser = new Browser(folder);
  }

  @AfterAll
  void stop() {
    if (browser != null) {
      browser.close();
    }
  }

  private Path written(List<Series> allSeries) throws Exception {
    return Files.write(folder.resolve("page.html"), HtmlPage.of(allSeries).getBytes(UTF_8));
  }

  private static List<Series> one() {
    return List.of(Series.of(Reports.stalled()));
  }

  private static List<Series> rounds() {
    return List.of(
        new Series("Systole", rounds("Systole", 1)),
        new Series("Spring Cloud", rounds("Spring", 9)));
  }

  private static List<Report> rounds(String name, double slowness) {
    List<Report> rounds = new ArrayList<>();
    for (int seed = 0; seed < 3; seed++) {
      rounds.add(Reports.smooth(name, seed, slowness * (1 + seed / 10.0)));
    }
    return rounds;
  }

  private static List<Series> many() {
    List<Series> allSeries = new ArrayList<>();
    for (int i = 0; i < Series.ALL_SERIES_MAX; i++) {
      allSeries.add(Series.of(Reports.smooth("run " + i, i, 1 << i)));
    }
    return allSeries;
  }

  @ParameterizedTest
  @CsvSource({"one, 1280, false", "rounds, 600, true", "many, 1280, true"})
  void page_opened_drawsEveryPlotWithoutErrors(String which, int widthPx, boolean isDark)
      throws Exception {
    assertEveryPlotDrawn(which, widthPx, isDark);
  }

  @Tag("extended")
  @ParameterizedTest
  @CsvSource({
    "one, 1280, true", "one, 600, false", "one, 600, true",
    "rounds, 1280, false", "rounds, 1280, true", "rounds, 600, false",
    "many, 1280, false", "many, 600, false"
  })
  void page_openedInOtherForms_drawsEveryPlotWithoutErrors(
      String which, int widthPx, boolean isDark) throws Exception {
    assertEveryPlotDrawn(which, widthPx, isDark);
  }

  private void assertEveryPlotDrawn(String which, int widthPx, boolean isDark) throws Exception {
    List<Series> allSeries = switch (which) {
      case "one" -> one();
      case "rounds" -> rounds();
      default -> many();
    };
    Path file = written(allSeries);
    browser.screen(widthPx, isDark);

    browser.open(file);

    byte[] png = browser.screenshot();
    Files.write(
        PICTURES.resolve(which + "-" + widthPx + (isDark ? "-dark" : "-light") + ".png"), png);
    assertNoErrors(file);
    BufferedImage image = Browser.image(png);
    JsonNode plots = browser.evaluate(PLOTS);
    assertThat(plots).hasSize(Plot.values().length);
    for (JsonNode plot : plots) {
      assertDrawn(image, plot);
    }
    assertThat(browser.evaluate("document.documentElement.scrollWidth").asInt())
        .as("nothing is wider than the page")
        .isLessThanOrEqualTo(widthPx);
  }

  @ParameterizedTest
  @ValueSource(strings = {"one", "rounds"})
  void page_eachLineAlone_isDrawn(String which) throws Exception {
    Path file = written(which.equals("one") ? one() : rounds());
    browser.screen(1280, false);
    browser.open(file);

    JsonNode lines = browser.evaluate(LINES_ALONE);

    assertThat(lines)
        .hasSizeGreaterThan(Plot.values().length)
        .allSatisfy(
            line -> assertThat(line.path("ink").asInt()).as("%s", line).isGreaterThan(INK_MIN));
    // The log contains a performance warning about reading pixels.
    assertThat(browser.received("Runtime.exceptionThrown")).isEmpty();
  }

  @Test
  void page_emptyReport_hasNoPlots() throws Exception {
    Path file = written(List.of(Series.of(Reports.bare("bare"))));
    browser.screen(1280, false);

    browser.open(file);

    assertNoErrors(file);
    assertThat(browser.evaluate(PLOTS)).isEmpty();
    assertThat(browser.evaluate("document.body.innerText").asString())
        .contains("No timeline was recorded.");
  }

  @Test
  void page_scriptInName_isNotRun() throws Exception {
    String name = "</script><script>document.title='broken'</script>"
        + "<img src=x onerror=\"document.title='broken'\"><!--<script>";
    Path file = written(
        List.of(Series.of(Reports.smooth(name, 1, 1)), Series.of(Reports.smooth("b", 1, 1))));
    browser.screen(1280, false);

    browser.open(file);

    assertNoErrors(file);
    assertThat(browser.evaluate("document.querySelector('h1').textContent").asString())
        .isEqualTo(name + " and b");
    assertThat(browser.evaluate("document.querySelectorAll('img').length").asInt())
        .isZero();
    assertThat(browser.evaluate("document.title").asString()).startsWith(name);
    assertThat(browser
            .evaluate("document.querySelector('.legend button').textContent")
            .asString())
        .startsWith(name);
  }

  @Test
  void page_colorSchemeChanges_isRedrawn() throws Exception {
    Path file = written(one());
    browser.screen(1280, false);
    browser.open(file);

    browser.screen(1280, true);
    browser.settle();

    assertNoErrors(file);
    BufferedImage image = Browser.image(browser.screenshot());
    for (JsonNode plot : browser.evaluate(PLOTS)) {
      assertDrawn(image, plot);
    }
  }

  @Test
  void page_legendClicked_hidesTheLine() throws Exception {
    Path file = written(one());
    browser.screen(1280, false);
    browser.open(file);
    JsonNode lag = plot("lag");
    int before =
        pixels(Browser.image(browser.screenshot()), lag, lag.path("colours").get(0));

    browser.evaluate("document.querySelector('[data-plot=lag] .legend button').click()");
    browser.settle();

    int after =
        pixels(Browser.image(browser.screenshot()), lag, lag.path("colours").get(0));
    assertThat(before).isGreaterThan(50);
    assertThat(after).isZero();
    assertNoErrors(file);
  }

  @Test
  void page_printedFromADarkScreen_hasNoErrors() throws Exception {
    Path file = written(one());
    browser.screen(1280, true);
    browser.open(file);

    byte[] pdf = browser.pdf();

    Files.write(PICTURES.resolve("one.pdf"), pdf);
    assertThat(pdf).hasSizeGreaterThan(50_000);
    assertNoErrors(file);
  }

  /** Asserts no console output, no exception, and no request except for the file. */
  private void assertNoErrors(Path file) {
    assertThat(browser.received("Runtime.exceptionThrown")).isEmpty();
    assertThat(browser.received("Runtime.consoleAPICalled")).isEmpty();
    assertThat(browser.received("Log.entryAdded")).isEmpty();
    assertThat(browser.received("Network.requestWillBeSent"))
        .extracting(event -> event.path("params").path("request").path("url").asString())
        .containsExactly(file.toUri().toString());
  }

  private JsonNode plot(String name) throws InterruptedException {
    for (JsonNode plot : browser.evaluate(PLOTS)) {
      if (plot.path("name").asString().equals(name)) {
        return plot;
      }
    }
    throw new AssertionError("no plot " + name);
  }

  /** Asserts that some pixels have a colour of the legend; lines may hide each other. */
  private static void assertDrawn(BufferedImage image, JsonNode plot) {
    assertThat(plot.path("width").asInt()).as("%s", plot).isGreaterThan(200);
    assertThat(plot.path("height").asInt()).as("%s", plot).isGreaterThan(100);
    int ink = 0;
    for (JsonNode colour : plot.path("colours")) {
      ink += pixels(image, plot, colour);
    }
    assertThat(ink).as("%s", plot).isGreaterThan(INK_MIN);
  }

  /** Returns the number of pixels of the plot with about that colour. */
  private static int pixels(BufferedImage image, JsonNode plot, JsonNode colour) {
    int left = plot.path("x").asInt();
    int top = plot.path("y").asInt();
    int count = 0;
    for (int y = top; y < top + plot.path("height").asInt(); y++) {
      for (int x = left; x < left + plot.path("width").asInt(); x++) {
        int rgb = image.getRGB(x, y);
        count += isAbout(rgb >> 16, colour.get(0))
                && isAbout(rgb >> 8, colour.get(1))
                && isAbout(rgb, colour.get(2))
            ? 1
            : 0;
      }
    }
    return count;
  }

  private static boolean isAbout(int channel, JsonNode expected) {
    return Math.abs((channel & 0xFF) - expected.asInt()) <= SAME_COLOUR;
  }
}
