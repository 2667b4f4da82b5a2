// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Histograms;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.HistogramLogReader;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** One load run by several generators, and its merged report. */
class SeveralGeneratorsTest {
  private static final int PASSED = 0;
  private static final int FAILED = 1;
  private static final int USAGE_ERROR = 2;

  private static final int LEAD_SECS_MAX = 16;

  /** The reports of two generators, which all tests read. */
  @TempDir
  private static Path reports;

  private static Instant startAt = Instant.EPOCH;
  private static int registrations;
  private static int applications;

  private final CommandLineCase cli = new CommandLineCase();

  @TempDir
  private Path folder;

  /** Runs both generators; doubles the time they have to register until it suffices. */
  @BeforeAll
  static void runGenerators() throws IOException {
    ExecutorService executor = Executors.newSingleThreadExecutor();
    int leadSecs = 1;
    while (!runBoth(executor, leadSecs)) {
      leadSecs *= 2;
    }
    executor.shutdown();
  }

  /** Returns whether both passed; a busy machine may leave them too little time. */
  private static boolean runBoth(ExecutorService executor, int leadSecs) throws IOException {
    CommandLineCase a = new CommandLineCase();
    CommandLineCase b = new CommandLineCase();
    startAt = Instant.now().plusSeconds(leadSecs);
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      var first = CompletableFuture.supplyAsync(() -> run(a, target, "a", 0), executor);
      int secondCode = run(b, target, "b", 20);
      boolean havePassed = first.join() == PASSED && secondCode == PASSED;
      havePassed = havePassed && isPunctual("a") && isPunctual("b");
      registrations = target.registrations();
      applications = target.registered().size();
      assertThat(havePassed || leadSecs < LEAD_SECS_MAX)
          .as("%s%s%s%s", a.out(), a.err(), b.out(), b.err())
          .isTrue();
      return havePassed;
    }
  }

  /**
   * Returns whether the window of a generator began in time, and each instance renewed in it; one
   * that has registered just before begins to renew later.
   */
  private static boolean isPunctual(String name) throws IOException {
    Report report = ReportJson.read(Files.readString(reports.resolve(name + ".json")));
    return report.part().windowStart().equals(startAt.toString())
        && report.window().due() == 20;
  }

  private static int run(CommandLineCase cli, FakeTarget target, String name, int first) {
    return cli.execute(
        "run",
        "--target=" + target.url(),
        "--instances=20",
        "--first=" + first,
        "--start-at=" + startAt,
        "--interval=600ms",
        "--warmup=0",
        "--duration=600ms",
        "--lag-max=60000",
        "--no-compare",
        "--json=" + reports.resolve(name + ".json"),
        "--hdr=" + reports.resolve(name + ".hlog"));
  }

  /** Returns a file that a test has written, or else a report of a generator. */
  private Path file(String name) {
    Path own = folder.resolve(name);
    Path shared = reports.resolve(name);
    return Files.exists(shared) ? shared : own;
  }

  private Report report(String name) throws IOException {
    return ReportJson.read(Files.readString(file(name)));
  }

  private void edit(String from, String to, String parent, String member, Object value)
      throws IOException {
    ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(Files.readString(file(from)));
    ((ObjectNode) json.at(parent)).putPOJO(member, value);
    Files.writeString(file(to), json.toString());
  }

  private int merge(String... names) {
    String[] arguments = new String[names.length + 2];
    arguments[0] = "merge";
    arguments[1] = "--json=" + file("merged.json");
    for (int index = 0; index < names.length; index++) {
      arguments[index + 2] = file(names[index]).toString();
    }
    return cli.execute(arguments);
  }

  @Test
  void run_severalParts_shareTheWindowAndMergeIntoOne() throws IOException {
    assertThat(applications).isEqualTo(1);
    assertThat(registrations).isEqualTo(40);

    assertThat(merge("a.json", "b.json")).as("%s%s", cli.out(), cli.err()).isEqualTo(PASSED);

    Report merged = report("merged.json");
    Histogram sum = Histograms.read(report("a.json").part().fromDue());
    sum.add(Histograms.read(report("b.json").part().fromDue()));
    assertThat(report("a.json").part().windowStart()).isEqualTo(startAt.toString());
    assertThat(report("b.json").part().windowStart()).isEqualTo(startAt.toString());
    assertThat(merged.conditions().instances()).isEqualTo(40);
    assertThat(merged.conditions().intervalSecs()).isEqualTo(0.6);
    assertThat(merged.window().due()).isEqualTo(40);
    assertThat(merged.window().renewalsPerSec())
        .isEqualTo(report("a.json").window().renewalsPerSec()
            + report("b.json").window().renewalsPerSec());
    assertThat(merged.window().fromDue().p99Ms()).isEqualTo(sum.getValueAtPercentile(99) / 1e6);
    assertThat(merged.outcome()).isEqualTo("all 2 parts passed");
  }

  @Test
  void merge_partsOfOtherLatencies_takesPercentilesOfTheWhole() throws IOException {
    edit("a.json", "fast.json", "/part", "fromDue", histogram(1_000_000, 900));
    edit("b.json", "slow.json", "/part", "fromDue", histogram(100_000_000, 100));

    merge("fast.json", "slow.json");

    Report merged = report("merged.json");
    assertThat(merged.window().fromDue().p50Ms()).isBetween(0.99, 1.01);
    assertThat(merged.window().fromDue().p99Ms()).isBetween(99.0, 101.0);
  }

  private static String histogram(long ns, long count) {
    Histogram histogram = new Histogram(3_600_000_000_000L, 3);
    histogram.recordValueWithCount(ns, count);
    return Histograms.text(histogram);
  }

  @Test
  void merge_partsOfDifferentLoads_areRefused() throws IOException {
    edit("b.json", "overlapping.json", "/part", "firstInstance", 19);
    edit("b.json", "later.json", "/part", "windowStart", "2026-11-20T10:00:00Z");
    edit("b.json", "longer.json", "/window", "secs", 0.7);
    edit("b.json", "failed.json", "", "passed", false);

    assertThat(merge("a.json", "overlapping.json")).isEqualTo(FAILED);
    assertThat(cli.err()).contains("instances overlap: 0..19 and 19..38");
    assertThat(merge("a.json", "later.json")).isEqualTo(FAILED);
    assertThat(cli.err()).contains("parts differ: window start");
    assertThat(merge("a.json", "longer.json")).isEqualTo(FAILED);
    assertThat(cli.err()).contains("parts differ: window seconds 0.6 and 0.7");
    assertThat(merge("a.json", "failed.json")).isEqualTo(FAILED);
    assertThat(cli.out()).contains("FAILED: " + file("failed.json"));
  }

  /** A part without a response divided by one, so that its figures were totals. */
  @Test
  void merge_partWithoutResponses_hasNoFiguresPerResponse() throws IOException {
    edit("b.json", "silent.json", "/window", "statuses", Map.of());
    edit("silent.json", "silent.json", "", "cost", Report.Cost.UNKNOWN);

    merge("a.json", "silent.json");

    assertThat(report("merged.json").cost().bytesSent())
        .isEqualTo(report("a.json").cost().bytesSent());
    edit("a.json", "silent2.json", "/window", "statuses", Map.of());
    merge("silent.json", "silent2.json");
    assertThat(report("merged.json").cost()).isEqualTo(Report.Cost.UNKNOWN);
    assertThat(cli.out()).contains("CPU per renewal    unknown (no response)");
  }

  /** They reached the terminal, which executed them. */
  @Test
  void merge_controlCharacters_areEscaped() throws IOException {
    edit("a.json", "colored.json", "", "passed", false);
    edit("colored.json", "colored.json", "", "outcome", "bad \u001b[2J");
    edit("colored.json", "colored.json", "/conditions", "traffic", "x\u0007\ny");

    assertThat(merge("colored.json", "b.json")).isEqualTo(FAILED);

    assertThat(cli.out())
        .contains("bad \\u001b[2J", "x\\u0007\\u000ay")
        .doesNotContain("\u001b", "\u0007");
  }

  @Test
  void run_hdr_isALogOfTheLatencies() throws IOException {
    try (HistogramLogReader log = new HistogramLogReader(file("a.hlog").toFile())) {
      Histogram interval = (Histogram) log.nextIntervalHistogram();
      assertThat(interval.getTotalCount()).isEqualTo(20);
      assertThat(interval.getValueAtPercentile(99) / 1e6)
          .isEqualTo(report("a.json").window().fromDue().p99Ms());
      assertThat(interval.getEndTimeStamp() - interval.getStartTimeStamp()).isBetween(599L, 601L);
      assertThat(log.nextIntervalHistogram()).isNull();
    }
  }

  @Test
  void run_startInThePast_isUsageError() {
    int code = cli.execute(
        "run",
        "--target=http://127.0.0.1:9/v2",
        "--instances=1",
        "--start-at=" + Instant.now().minusSeconds(1).getEpochSecond());

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err()).contains("is in the past");
  }

  @Test
  void run_startWithoutTimeForTheWarmUp_isUsageError() {
    int code = cli.execute(
        "run",
        "--target=http://127.0.0.1:9/v2",
        "--instances=1",
        "--warmup=1m",
        "--start-at=" + Instant.now().plusSeconds(30));

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err()).contains("leaves no time for the warm-up");
  }
}
