// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.ReservedPort;
import io.systole.loadtest.report.ComparisonReport;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.ReportJson;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line against a real node. */
@Execution(ExecutionMode.CONCURRENT)
class LoadTestTest {
  private static final int PASSED = 0;
  private static final int FAILED = 1;
  private static final int USAGE_ERROR = 2;

  private final CommandLineCase cli = new CommandLineCase();

  private int runCommand(int port, String command, String... more) {
    List<String> arguments = new ArrayList<>(List.of(
        command,
        "--target=http://127.0.0.1:" + port + "/v2",
        "--instances=50",
        "--connections=2",
        "--warmup=0.1",
        "--lag-max=60000"));
    arguments.addAll(List.of(more));
    return cli.execute(arguments.toArray(String[]::new));
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
          port,
          "run",
          "--interval=2",
          "--duration=2",
          "--applications=7",
          "--json=" + json,
          "--report=" + page);

      leases = node.registry().leaseCount();
    }

    cli.assertPassed(code);
    assertThat(leases).isZero();
    String written = Files.readString(json);
    Report report = ReportJson.read(written);
    assertThat(ReportJson.of(report)).isEqualTo(written);
    assertThat(page).content().contains("<h1>" + report.name() + "</h1>");
    assertThat(report.conditions().applications()).isEqualTo(7);
    assertThat(report.registrations().count()).isEqualTo(50);
    assertThat(cli.out()).contains(": " + report.outcome());
    assertThat(report.window().due()).isPositive().isEqualTo(report.window().renewals());
    assertThat(report.window().secs()).isEqualTo(2);
    assertThat(report.window().fromDue().maxMs())
        .isGreaterThanOrEqualTo(report.window().fromSent().maxMs());
    assertThat(report.cost().bytesSent()).isPositive();
    assertThat(cli.out()).containsPattern("target counted [0-9,]+, we counted [0-9,]+: equal");
    assertThat(report.percentiles()).hasSizeBetween(2, 120);
    assertThat(report.generator().cores()).isPositive();
    assertThat(report.generator().heapBytes()).isPositive();
    assertThat(report.timeline()).hasSizeGreaterThanOrEqualTo(3);
    assertThat(report.timeline().stream().mapToLong(Report.Sample::registered).sum())
        .isEqualTo(50);
    assertThat(report.timeline().stream().mapToLong(Report.Sample::answered).sum())
        .isGreaterThanOrEqualTo(50);
  }

  @Test
  void run_rateOfTheFleet_isMet() throws IOException {
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = runCommand(port, "run", "--rate=25", "--duration=0.5");

      cli.assertPassed(code);
      assertThat(cli.out())
          .contains("interval 2.0 s")
          .containsPattern("of [1-9]\\d* due in 0\\.50 s");
    }
  }

  @Test
  void run_keep_leavesTheInstances() throws IOException {
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = runCommand(port, "run", "--interval=2", "--duration=0.5", "--keep");

      cli.assertPassed(code);
      assertThat(node.registry().leaseCount()).isEqualTo(50);
    }
  }

  @Test
  void peak_nodeThatRenews_passesAndComparesWithItsCounter() throws IOException {
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = runCommand(
          port,
          "peak",
          "--duration=0.5",
          "--in-flight=4",
          "--pid=" + ProcessHandle.current().pid());

      cli.assertPassed(code);
      assertThat(cli.out()).containsPattern("target counted [0-9,]+, we counted [0-9,]+: equal");
      assertThat(cli.out()).containsPattern("CPU per renewal +target [0-9.]+ us");
    }
  }

  @Test
  void capacity_rateThatIsMet_isConfirmedAndWritten(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("capacity.json");
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = cli.execute(
          "capacity",
          "--target=http://127.0.0.1:" + port + "/v2",
          "--instances=1000",
          "--from=100",
          "--to=200",
          "--p99=5s",
          "--step=0.3",
          "--warmup=0",
          "--confirm=1",
          "--lag-max=60000",
          "--json=" + json);

      cli.assertPassed(code);
      assertThat(node.registry().leaseCount()).isZero();
    }
    if (cli.isGeneratorLate()) {
      return;
    }
    assertThat(cli.out())
        .contains("PASSED: at least 200/s (6,000 instances at 30 s); nothing higher was tried")
        .containsPattern("target counted [0-9,]+, we counted [0-9,]+: equal");
    assertThat(Files.readString(json)).contains("\"heldPerSec\" : 200.0");
  }

  @Test
  void capacity_rateNeverMet_fails() throws IOException {
    try (FakeTarget target = new FakeTarget(FakeTarget.Behavior.RETURNS_500)) {
      int code = cli.execute(
          "capacity",
          "--target=" + target.url(),
          "--instances=1000",
          "--from=100",
          "--step=0.3",
          "--warmup=0",
          "--lag-max=60000");

      assertThat(code).isEqualTo(FAILED);
    }
    assertThat(cli.out()).containsPattern("[1-9][0-9]* errors");
    if (!cli.isGeneratorLate()) {
      assertThat(cli.out()).contains("FAILED: not even 100/s held");
    }
  }

  @Test
  void compare_twoNodes_printsRatiosAndWritesAllRounds(@TempDir Path folder) throws IOException {
    Path json = folder.resolve("rounds.json");
    Path page = folder.resolve("rounds.html");
    Path later = folder.resolve("later.html");
    try (HeartbeatServer one = node(Map.of());
        HeartbeatServer other = node(Map.of())) {
      int code = cli.execute(
          "compare",
          "http://127.0.0.1:" + one.start().getPort() + "/v2",
          "http://127.0.0.1:" + other.start().getPort() + "/v2",
          "--instances=1000",
          "--rate=200",
          "--rounds=2",
          "--warmup=0",
          "--duration=0.3",
          "--lag-max=60000",
          "--json=" + json,
          "--report=" + page);

      cli.assertPassed(code);
    }
    cli.assertPassed(cli.execute("report", json.toString(), "--out=" + later));
    assertThat(later).hasSameTextualContentAs(page);
    ComparisonReport rounds = ReportJson.readRounds(Files.readString(json));
    assertThat(rounds.a()).hasSize(2);
    assertThat(rounds.b()).hasSize(2);
    assertThat(rounds.a().get(1).conditions().startedAt())
        .isGreaterThan(rounds.b().get(1).conditions().startedAt());
    if (!cli.isGeneratorLate()) {
      assertThat(page).content().contains("4 of 4 passed");
      assertThat(cli.out()).containsPattern("renewals/s +[0-9.]+ \\(.* [0-9]+\\.[0-9]+ \\(");
    }
  }

  @Test
  void compare_targetReturnsErrors_hasNoRatios() throws IOException {
    try (FakeTarget one = new FakeTarget(FakeTarget.Behavior.RENEWS);
        FakeTarget other = new FakeTarget(FakeTarget.Behavior.RETURNS_500)) {
      int code = cli.execute(
          "compare",
          one.url().toString(),
          other.url().toString(),
          "--instances=50",
          "--rounds=1",
          "--warmup=0",
          "--duration=1");

      assertThat(code).isEqualTo(FAILED);
    }
    assertThat(cli.out())
        .containsPattern("no ratios: B in round 1: of [0-9]+ heartbeats [0-9]+ with status 500")
        .contains("FAILED: B in round 1");
  }

  @Test
  void run_documentsThatAreTooLarge_failsWithTheStatusOnce() throws IOException {
    try (HeartbeatServer node = node(Map.of("--max-instance-size", "4KiB"))) {
      int port = node.start().getPort();

      int code =
          runCommand(port, "run", "--interval=0.5", "--duration=0.5", "--metadata-bytes=5000");

      assertThat(code).isEqualTo(FAILED);
      assertThat(cli.err()).containsOnlyOnce("FAILED: server rejected registrations: 413");
    }
  }

  @Test
  void run_noListener_failsWithCause() throws IOException {
    try (ReservedPort port = new ReservedPort()) {
      int code = runCommand(port.number(), "run");

      assertThat(code).isEqualTo(FAILED);
      assertThat(cli.err())
          .contains("FAILED: cannot connect to http://127.0.0.1:" + port.number() + "/v2");
    }
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
    int code = cli.execute(arguments.split(" "));

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err()).isNotBlank();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "scenario",
        "scenario steady",
        "scenario --target=http://127.0.0.1:9",
        "scenario no-such --target=http://127.0.0.1:9",
        "scenario node-restart --target=http://127.0.0.1:9",
        "scenario cluster --target=http://127.0.0.1:9 --restart-start=true",
        "scenario steady --target=http://127.0.0.1:9 --set=fleet.instances=0",
        "scenario steady --target=http://127.0.0.1:9 --watch=nowhere",
        "scenario slow-connections --target=https://127.0.0.1:9",
        "scenario steady --target=http://127.0.0.1:9 --lag-max=0",
        "scenario steady --target=http://127.0.0.1:9 --pid=999999999"
      })
  void scenario_usageError_exitsWithTwoWithReason(String arguments) {
    int code = cli.execute(arguments.split(" "));

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err()).isNotBlank();
  }

  @Test
  void scenario_invalidFile_failsInOneLine(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("s.yaml"), "name: x\nabout: y\nflet: 5\n");

    int code = cli.execute("scenario", file.toString(), "--target=http://127.0.0.1:9");

    assertThat(code).isEqualTo(USAGE_ERROR);
    assertThat(cli.err().strip()).isEqualTo(file + ":1: fleet is missing");
  }

  @Test
  void scenario_expectationThatFails_exitsWithOneAndShowsTheFigure(@TempDir Path folder)
      throws IOException {
    Path file = Files.writeString(folder.resolve("s.yaml"), """
        {name: x, about: y, fleet: {instances: 5, interval: 2s}, warmup: 0, duration: 2s,
         expect: [due = 5, p99 <= 0s]}
        """);
    try (HeartbeatServer node = node(Map.of())) {
      int port = node.start().getPort();

      int code = cli.execute(
          "scenario",
          file.toString(),
          "--target=http://127.0.0.1:" + port + "/v2",
          "--lag-max=9999");

      assertThat(code).isEqualTo(FAILED);
      assertThat(cli.out()).contains("held     due = 5: 5").contains("NOT HELD p99 <= 0s: ");
    }
  }

  @Test
  void scenario_list_namesThoseBuiltIn() {
    int code = cli.execute("scenario", "--list");

    assertThat(code).isEqualTo(PASSED);
    assertThat(cli.out()).contains("steady", "node-restart", "peers", "cluster");
  }

  @Test
  void execute_help_listsTheCommands() {
    int code = cli.execute("--help");

    assertThat(code).isEqualTo(PASSED);
    assertThat(cli.out()).contains("run", "peak", "capacity", "compare");
  }
}
