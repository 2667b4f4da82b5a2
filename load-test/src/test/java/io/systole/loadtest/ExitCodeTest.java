// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Exit codes and report files, against a fake target. */
@Execution(ExecutionMode.CONCURRENT)
class ExitCodeTest {
  private static final int FAILED = 1;
  private static final int USAGE_ERROR = 2;

  private final CommandLineCase cli = new CommandLineCase();

  @TempDir
  private Path folder;

  private int run(FakeTarget target, String... more) {
    return runCommand("run", "--target=" + target.url(), more);
  }

  private int runCommand(String command, String url, String... more) {
    List<String> arguments = new ArrayList<>(List.of(
        command,
        url,
        "--instances=400",
        "--interval=5s",
        "--warmup=0",
        "--duration=600ms",
        "--lag-max=60000"));
    arguments.addAll(List.of(more));
    return cli.execute(arguments.toArray(String[]::new));
  }

  @Test
  void run_objectiveMet_passes() throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      int code = run(target, "--p99=5s", "--errors=0.1%");

      cli.assertPassed(code);
    }
    assertThat(cli.out()).contains("held     p99 <= 5000 ms", "held     errors <= 0.1%: 0%");
  }

  @Test
  void run_latencyBeyondTheObjective_exitsWithOne() throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      int code = run(target, "--p99=0.0001ms");

      assertThat(code).isEqualTo(FAILED);
    }
    assertThat(cli.out()).contains("NOT HELD p99 <= 1.0E-4 ms", "FAILED: of 2 expectations 1");
  }

  @Test
  void run_errorsWithinTheShare_passes() throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RETURNS_500)) {
      cli.assertPassed(run(target, "--errors=100%"));
      assertThat(run(target, "--errors=99%")).isEqualTo(FAILED);
    }
  }

  @Test
  void run_objectiveOutOfRange_isUsageError() {
    int code =
        cli.execute("run", "--target=http://127.0.0.1:9/v2", "--instances=1", "--errors=101%");

    assertThat(code).isEqualTo(USAGE_ERROR);
  }

  @Test
  void run_usageError_endsWithTheErrorAndNamesTheHelp() {
    cli.execute("run", "--target=127.0.0.1:8761", "--instances=1");

    assertThat(cli.err().strip().lines())
        .hasSizeLessThanOrEqualTo(2)
        .contains("options: load-test run --help")
        .last()
        .asString()
        .startsWith("error: ")
        .endsWith("the service URL is probably http://127.0.0.1:8761/v2");
  }

  @Test
  void run_junitAndLabel_areWrittenAndNamed() throws IOException {
    Path junit = folder.resolve("junit.xml");
    Path json = folder.resolve("run.json");
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      int code =
          run(target, "--p99=0.0001ms", "--label=a < b", "--junit=" + junit, "--json=" + json);

      assertThat(code).isEqualTo(FAILED);
    }
    assertThat(junit)
        .content()
        .contains("<testsuite name=\"a &lt; b: run http://", "tests=\"3\" failures=\"2\"")
        .containsPattern("<testcase [^>]*name=\"p99 [^>]*><failure message=\"[0-9.]+ ms\">");
    assertThat(cli.out()).contains("wrote " + junit, "wrote " + json);
    assertThat(ReportJson.read(Files.readString(json)).name()).startsWith("a < b: run ");
  }

  /** XML has no such characters, not even escaped: CI servers rejected the file. */
  @Test
  void run_labelWithControlCharacters_writesWellFormedJunit() throws Exception {
    Path junit = folder.resolve("junit.xml");
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      run(target, "--label=a\u0001\u001b[31m\uffff\ud83d\ude00", "--junit=" + junit);
    }

    assertThat(DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(junit.toFile())
            .getElementsByTagName("testsuite")
            .item(0)
            .getAttributes()
            .getNamedItem("name")
            .getNodeValue())
        .startsWith("a\ufffd\ufffd[31m\ufffd\ud83d\ude00: run ");
  }

  @Test
  void run_fileInMissingDirectory_isUsageErrorBeforeTheLoad() {
    int code = cli.execute(
        "run",
        "--target=http://127.0.0.1:9/v2",
        "--instances=1",
        "--json=" + folder.resolve("missing").resolve("run.json"));

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err()).contains("cannot write ", "there is no directory ");
  }

  @Test
  void run_sameFileTwice_isUsageError() {
    Path file = folder.resolve("report");

    int code = cli.execute(
        "run",
        "--target=http://127.0.0.1:9/v2",
        "--instances=1",
        "--json=" + file,
        "--hdr=" + file);

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err()).contains(file + " is given for two reports");
  }

  /** The first file that could not be written prevented the others, and hid the outcome. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void run_diskFull_writesTheOtherFilesAndTheOutcome() throws IOException {
    Path junit = folder.resolve("junit.xml");
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      int code = run(target, "--json=/dev/full", "--junit=" + junit);

      assertThat(code).isEqualTo(FAILED);
    }
    assertThat(junit).content().contains("<testsuite ");
    assertThat(cli.out()).contains("wrote " + junit, "every heartbeat due in the window");
    assertThat(cli.err()).contains("cannot write /dev/full");
  }

  /** These commands ended without an outcome. */
  @Test
  @EnabledOnOs(OS.LINUX)
  void compareAndCapacity_diskFull_printTheOutcome() throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RETURNS_500)) {
      String url = target.url().toString();

      assertThat(runCommand("compare", url, url, "--rounds=1", "--json=/dev/full"))
          .isEqualTo(FAILED);
      assertThat(cli.out()).contains("FAILED: ");
      int capacity = cli.execute(
          "capacity",
          "--target=" + url,
          "--instances=1000",
          "--from=100",
          "--step=300ms",
          "--warmup=0",
          "--lag-max=60000",
          "--json=/dev/full");
      assertThat(capacity).isEqualTo(FAILED);
    }
    assertThat(cli.out()).contains("FAILED: not even 100/s held");
    assertThat(cli.err()).contains("cannot write /dev/full");
  }

  @Test
  void exitCode_outputLost_isFailure() {
    var full = new PrintStream(new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        throw new IOException("No space left on device");
      }
    });
    full.println("report");

    assertThat(LoadTest.exitCode(0, full)).isEqualTo(FAILED);
    assertThat(LoadTest.exitCode(USAGE_ERROR, full)).isEqualTo(USAGE_ERROR);
    assertThat(LoadTest.exitCode(0, System.out)).isZero();
  }

  @Test
  void compare_baseline_failsBeyondTheLimit() throws IOException {
    Path json = folder.resolve("run.json");
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RENEWS)) {
      cli.assertPassed(run(target, "--json=" + json));
      String baseline = "--baseline=" + json;

      int within = runCommand(
          "compare", target.url().toString(), baseline, "--max-regression=100000%", "--rounds=1");

      cli.assertPassed(within);
      changeBaseline(json, false);
      int beyond = runCommand("compare", target.url().toString(), baseline, "--rounds=1");
      assertThat(beyond).isEqualTo(FAILED);
      assertThat(cli.out()).containsPattern("FAILED: renewals/s [0-9.]+ % worse");
      changeBaseline(json, true);
      assertThat(runCommand("compare", target.url().toString(), baseline)).isEqualTo(USAGE_ERROR);
      assertThat(cli.err()).contains("the baseline has another load: instances 401");
    }
  }

  /** Makes the stored target ten times as fast, or changes its fleet. */
  private static void changeBaseline(Path json, boolean isOtherFleet) throws IOException {
    Report report = ReportJson.read(Files.readString(json));
    String text = Files.readString(json);
    Files.writeString(
        json,
        isOtherFleet
            ? text.replace("\"instances\" : 400", "\"instances\" : 401")
            : text.replace(
                "\"renewalsPerSec\" : " + report.window().renewalsPerSec(),
                "\"renewalsPerSec\" : " + 10 * report.window().renewalsPerSec()));
  }

  @Test
  void compare_neitherSecondNorBaseline_isUsageError() {
    int code = cli.execute("compare", "http://127.0.0.1:9/v2", "--instances=1");

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err()).contains("compare requires A and B, or A and --baseline");
  }

  @Test
  void report_runThatFailed_writesThePageAndExitsWithOne() throws IOException {
    Path json = folder.resolve("run.json");
    Path page = folder.resolve("page.html");
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RETURNS_500)) {
      run(target, "--json=" + json);
    }

    int code = cli.execute("report", json.toString(), "--out=" + page);

    assertThat(code).isEqualTo(FAILED);
    assertThat(page).exists();
    assertThat(cli.err()).contains("FAILED: run ", "with status 500");
  }

  @Test
  void report_capacity_writesPageOfTrials() throws IOException {
    Path json = folder.resolve("capacity.json");
    Path page = folder.resolve("page.html");
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RETURNS_500)) {
      cli.execute(
          "capacity",
          "--target=" + target.url(),
          "--instances=1000",
          "--from=100",
          "--step=300ms",
          "--warmup=0",
          "--lag-max=60000",
          "--json=" + json);
    }

    int code = cli.execute("report", json.toString(), "--out=" + page);

    assertThat(code).isEqualTo(FAILED);
    assertThat(page).content().contains("Trials in order", "not even 100/s held");
  }

  @Test
  void scenario_shortFormWithNeeds_namesThemBeforeItStarts() {
    int code = cli.execute("scenario", "silent-death", "--short", "--target=http://127.0.0.1:9/v2");

    assertThat(code).isEqualTo(FAILED);
    assertThat(cli.err()).contains("--eviction-interval 200ms --self-preservation false");
  }
}
