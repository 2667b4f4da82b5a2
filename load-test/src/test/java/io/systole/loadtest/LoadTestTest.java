// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.report.RunOutcome;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** The command line against a real node. */
class LoadTestTest {
  private static final int PASSED = 0;
  private static final int FAILED = 1;
  private static final int USAGE_ERROR = 2;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int execute(String... arguments) {
    CommandLine commandLine = LoadTest.commandLine();
    commandLine.setOut(new PrintWriter(out, true));
    commandLine.setErr(new PrintWriter(err, true));
    return commandLine.execute(arguments);
  }

  private int runCommand(int port, String command, String... more) {
    List<String> arguments = new ArrayList<>(List.of(
        command,
        "--target=http://127.0.0.1:" + port + "/v2",
        "--instances=50",
        "--connections=2",
        "--warmup=0.1",
        "--lag-max=60000",
        "--duration=1"));
    arguments.addAll(List.of(more));
    return execute(arguments.toArray(String[]::new));
  }

  private static HeartbeatServer node(Map<String, String> options) throws IOException {
    Map<String, String> flags = new HashMap<>(options);
    flags.put("--port", "0");
    flags.put("--bind", "127.0.0.1");
    flags.put("--loops", "1");
    return new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
  }

  @Test
  void run_nodeThatRenews_passesAndWritesTheRecord(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("report.json");
    Path page = folder.resolve("report.html");
    int code;
    int leases;
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      code = runCommand(
          port, "run", "--interval=0.5", "--applications=7", "--json=" + json, "--report=" + page);

      leases = node.registry().leaseCount();
    }

    assertThat(code).as("%s%s", out, err).isEqualTo(PASSED);
    assertThat(out.toString()).contains("PASSED: " + RunOutcome.ALL_RENEWED);
    assertThat(leases).isZero();
    String written = Files.readString(json);
    Report report = ReportJson.read(written);
    assertThat(ReportJson.of(report)).isEqualTo(written);
    assertThat(page).content().contains("<h1>" + report.name() + "</h1>");
    assertThat(report.conditions().applications()).isEqualTo(7);
    assertThat(report.registrations().count()).isEqualTo(50);
    assertThat(report.window().due()).isEqualTo(100L).isEqualTo(report.window().renewals());
    assertThat(report.window().fromDue().maxMs())
        .isGreaterThanOrEqualTo(report.window().fromSent().maxMs());
    assertThat(report.cost().bytesSent()).isBetween(250.0, 450.0);
    assertThat(out.toString()).containsPattern("server counted [0-9,]+, we counted [0-9,]+: equal");
    assertThat(report.percentiles()).hasSizeBetween(2, 120);
    assertThat(report.generator().cores()).isPositive();
    assertThat(report.generator().heapBytes()).isPositive();
    assertThat(report.timeline()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(report.timeline().stream().mapToLong(Report.Sample::registered).sum())
        .isEqualTo(50);
    assertThat(inWindow(report).mapToLong(Report.Sample::answered).sum()).isBetween(95L, 105L);
    assertThat(inWindow(report).mapToDouble(Report.Sample::secs).sum()).isBetween(0.9, 1.5);
  }

  private static Stream<Report.Sample> inWindow(Report report) {
    return report.timeline().stream()
        .filter(sample -> sample.atSecs() > 0.01 && sample.atSecs() - sample.secs() < 0.9);
  }

  @Test
  void run_rateOfTheFleet_isMet() throws IOException {
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = runCommand(port, "run", "--rate=200");

      assertThat(code).as("%s%s", out, err).isEqualTo(PASSED);
      assertThat(out.toString()).contains("(200 of 200 due in 1.00 s)");
    }
  }

  @Test
  void run_keep_leavesTheInstances() throws IOException {
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = runCommand(port, "run", "--interval=0.5", "--keep");

      assertThat(code).as("%s%s", out, err).isEqualTo(PASSED);
      assertThat(node.registry().leaseCount()).isEqualTo(50);
    }
  }

  @Test
  void peak_nodeThatRenews_passesAndComparesWithItsCounter() throws IOException {
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = runCommand(
          port, "peak", "--in-flight=4", "--pid=" + ProcessHandle.current().pid());

      assertThat(code).as("%s%s", out, err).isEqualTo(PASSED);
      assertThat(out.toString())
          .containsPattern("server counted [0-9,]+, we counted [0-9,]+: equal");
      assertThat(out.toString()).containsPattern("CPU per renewal +target [0-9.]+ us");
    }
  }

  @Test
  void capacity_rateThatIsMet_isConfirmedAndWritten(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("capacity.json");
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = execute(
          "capacity",
          "--target=http://127.0.0.1:" + port + "/v2",
          "--instances=50",
          "--from=100",
          "--to=200",
          "--p99=5s",
          "--step=0.5",
          "--warmup=0.1",
          "--confirm=1",
          "--json=" + json);

      assertThat(code).as("%s%s", out, err).isEqualTo(PASSED);
      assertThat(node.registry().leaseCount()).isZero();
    }
    assertThat(out.toString())
        .contains("PASSED: at least 200/s (6,000 instances at 30 s); nothing higher was tried")
        .containsPattern("server counted [0-9,]+, we counted [0-9,]+: equal");
    assertThat(Files.readString(json)).contains("\"heldPerSec\" : 200.0");
  }

  @Test
  void capacity_rateNeverMet_fails() throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RETURNS_500)) {
      int code = execute(
          "capacity",
          "--target=" + target.url(),
          "--instances=50",
          "--from=100",
          "--step=0.5",
          "--warmup=0");

      assertThat(code).isEqualTo(FAILED);
    }
    assertThat(out.toString()).contains("50 errors", "FAILED: not even 100/s held");
  }

  @Test
  void compare_twoNodes_printsRatiosAndWritesAllRounds(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("rounds.json");
    Path page = folder.resolve("rounds.html");
    Path later = folder.resolve("later.html");
    try (HeartbeatServer one = node(Map.of());
        HeartbeatServer other = node(Map.of())) {
      int code = execute(
          "compare",
          "http://127.0.0.1:" + one.start().getPort() + "/v2",
          "http://127.0.0.1:" + other.start().getPort() + "/v2",
          "--instances=50",
          "--rate=200",
          "--rounds=2",
          "--warmup=0",
          "--duration=0.3",
          "--lag-max=60000",
          "--json=" + json,
          "--report=" + page);

      assertThat(code).as("%s%s", out, err).isEqualTo(PASSED);
    }
    assertThat(execute("report", json.toString(), "--out=" + later))
        .as("%s", err)
        .isEqualTo(PASSED);
    assertThat(later).hasSameTextualContentAs(page).content().contains("4 of 4 passed");
    ComparisonReport rounds = ReportJson.readRounds(Files.readString(json));
    assertThat(rounds.a()).hasSize(2);
    assertThat(rounds.b()).hasSize(2).allMatch(Report::passed);
    assertThat(rounds.a().get(1).conditions().startedAt())
        .isGreaterThan(rounds.b().get(1).conditions().startedAt());
    assertThat(out.toString()).containsPattern("renewals/s +[12]\\d\\d \\(.* [01]\\.\\d\\d\\d \\(");
  }

  @Test
  void compare_targetReturnsErrors_hasNoRatios() throws IOException {
    try (FakeTarget one = new FakeTarget(FakeTarget.Behavior.RENEWS);
        FakeTarget other = new FakeTarget(FakeTarget.Behavior.RETURNS_500)) {
      int code = execute(
          "compare",
          one.url().toString(),
          other.url().toString(),
          "--instances=50",
          "--rounds=1",
          "--warmup=0",
          "--duration=0.3");

      assertThat(code).isEqualTo(FAILED);
    }
    assertThat(out.toString())
        .containsPattern("no ratios: B in round 1: of [0-9]+ heartbeats [0-9]+ with status 500")
        .contains("FAILED: B in round 1");
  }

  @Test
  void run_nodeThatIsFull_failsWithItsStatusOnce() throws IOException {
    try (HeartbeatServer node = node(Map.of("--max-instances", "5"))) {
      int port = node.start().getPort();

      int code = runCommand(port, "run", "--interval=0.5");

      assertThat(code).isEqualTo(FAILED);
      assertThat(err.toString()).containsOnlyOnce("FAILED: server rejected registrations: 503");
    }
  }

  @Test
  void run_noListener_failsWithCause() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }

    int code = runCommand(port, "run");

    assertThat(code).isEqualTo(FAILED);
    assertThat(err.toString())
        .contains("FAILED: cannot connect to http://127.0.0.1:" + port + "/v2");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "run",
        "run --target=http://127.0.0.1:9",
        "run --instances=5",
        "run --target=ftp://127.0.0.1:9 --instances=5",
        "run --target=http://127.0.0.1:9 --instances=0",
        "run --target=http://127.0.0.1:9 --instances=ten",
        "run --target=http://127.0.0.1:9 --instances=5 --applications=6",
        "run --target=http://127.0.0.1:9 --instances=5 --connections=0",
        "run --target=http://127.0.0.1:9 --instances=5 --in-flight=65537",
        "run --target=http://127.0.0.1:9 --instances=5 --interval=0",
        "run --target=http://127.0.0.1:9 --instances=5 --rate=0",
        "run --target=http://127.0.0.1:9 --instances=5 --rate=101",
        "run --target=http://127.0.0.1:9 --instances=5 --rate=10 --interval=1",
        "run --target=http://127.0.0.1:9 --instances=5 --lag-max=0",
        "run --target=http://127.0.0.1:9 --instances=5 --duration=0",
        "run --target=http://127.0.0.1:9 --instances=5 --loops=0",
        "run --target=http://127.0.0.1:9 --instances=5 --pid=999999999",
        "peak --target=http://127.0.0.1:9 --instances=5 --interval=3",
        "capacity --target=http://127.0.0.1:9 --instances=5 --p99=soon",
        "capacity --target=http://127.0.0.1:9 --instances=5 --p99=0ms",
        "capacity --target=http://127.0.0.1:9 --instances=5 --errors=-1",
        "capacity --target=http://127.0.0.1:9 --instances=5 --from=10 --to=5",
        "capacity --target=http://127.0.0.1:9 --instances=5 --to=101",
        "capacity --target=http://127.0.0.1:9 --instances=5 --precision=0",
        "capacity --target=http://127.0.0.1:9 --instances=5 --cores=1",
        "compare http://127.0.0.1:9 --instances=5",
        "compare http://127.0.0.1:9 http://127.0.0.1:9 --instances=5 --rounds=0",
        "walk"
      })
  void execute_usageError_exitsWithTwoWithReason(String arguments) {
    int code = execute(arguments.split(" "));

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(err.toString()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scenario",
        "scenario steady",
        "scenario --target=http://127.0.0.1:9",
        "scenario no-such --target=http://127.0.0.1:9",
        "scenario node-restart --target=http://127.0.0.1:9",
        "scenario steady --target=http://127.0.0.1:9 --set=fleet.instances=0",
        "scenario steady --target=http://127.0.0.1:9 --watch=nowhere",
        "scenario steady --target=http://127.0.0.1:9 --lag-max=0",
        "scenario steady --target=http://127.0.0.1:9 --pid=999999999"
      })
  void scenario_usageError_exitsWithTwoWithReason(String arguments) {
    int code = execute(arguments.split(" "));

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(err.toString()).isNotBlank();
  }

  @Test
  void scenario_invalidFile_failsInOneLine(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("s.yaml"), "name: x\nabout: y\nflet: 5\n");

    int code = execute("scenario", file.toString(), "--target=http://127.0.0.1:9");

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(err.toString().strip()).isEqualTo(file + ":1: fleet is missing");
  }

  @Test
  void scenario_expectationThatFails_exitsWithOneAndShowsTheFigure(@TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("s.yaml"), """
        {name: x, about: y, fleet: {instances: 5, interval: 500ms}, warmup: 0, duration: 1s,
         expect: [due = 10, p99 <= 0s]}
        """);
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = execute(
          "scenario",
          file.toString(),
          "--target=http://127.0.0.1:" + port + "/v2",
          "--lag-max=9999");

      assertThat(code).isEqualTo(FAILED);
      assertThat(out.toString()).contains("held     due = 10: 10").contains("NOT HELD p99 <= 0s: ");
    }
  }

  @Test
  void scenario_list_namesThoseBuiltIn() {
    int code = execute("scenario", "--list");

    assertThat(code).isEqualTo(PASSED);
    assertThat(out.toString()).contains("steady", "node-restart", "peers");
  }

  @Test
  void execute_help_listsTheCommands() {
    int code = execute("--help");

    assertThat(code).isEqualTo(PASSED);
    assertThat(out.toString()).contains("run", "peak", "capacity", "compare");
  }
}
