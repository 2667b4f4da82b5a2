// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.ReservedPort;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.report.ReportJson;
import io.systole.loadtest.scenario.BuiltInScenarios;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The short form of each shipped scenario, by the command line, against a real node. */
@Tag("extended")
@Execution(ExecutionMode.CONCURRENT)
class ShippedScenariosIT {
  /** Requires a target that can be killed. */
  private static final String RESTART = "node-restart";

  /** Requires three nodes that replicate to each other and can be killed. */
  private static final String PEERS = "peers";

  /** Requires three members of a native cluster that can be killed and frozen. */
  private static final String CLUSTER = "cluster";

  /** Evicts stopped instances within seconds. */
  private static final Map<String, String> NODE = Map.of(
      "--bind", "127.0.0.1",
      "--loops", "1",
      "--eviction-interval", "200ms",
      "--self-preservation", "false");

  /** Returns once the process has exited; a zombie counts as exited. */
  private static final String KILL = """
      pid=$(cat %s); kill -9 $pid
      while [ "$(cut -d' ' -f3 /proc/$pid/stat 2>/dev/null || echo Z)" != Z ]; do sleep 0.05; done
      """;

  @TempDir
  private Path folder;

  private final CommandLineCase cli = new CommandLineCase();
  private final List<ReservedPort> reserved = new ArrayList<>();

  @AfterEach
  void releasePorts() {
    reserved.forEach(ReservedPort::close);
  }

  private List<Integer> reserve(int count) throws IOException {
    for (int port = 0; port < count; port++) {
      reserved.add(new ReservedPort());
    }
    return reserved.stream().map(ReservedPort::number).toList();
  }

  static Stream<String> scenarios() {
    return BuiltInScenarios.list().keySet().stream()
        .filter(name -> !List.of(RESTART, PEERS, CLUSTER).contains(name));
  }

  /**
   * Runs a scenario; ignores whether the generator kept up and whether limits on measured times
   * held, which depend on the machine.
   */
  private Report assertHeld(String name, int port, String... more) throws Exception {
    String service = "http://127.0.0.1:" + port + "/v2";
    Path json = folder.resolve("report.json");
    Stream<String> arguments =
        Stream.of("scenario", name, "--short", "--target=" + service, "--json=" + json);

    int code = cli.execute(Stream.concat(arguments, Stream.of(more)).toArray(String[]::new));

    assertThat(json).as("%s%s", cli.out(), cli.err()).exists();
    Report report = ReportJson.read(Files.readString(json));
    assertThat(report.expectations())
        .as("%s%s", cli.out(), cli.err())
        .isNotEmpty()
        .allMatch(expectation -> expectation.held() || isMeasuredTime(expectation));
    boolean isHeld = report.expectations().stream().allMatch(ReportExpectation::held);
    assertThat(code).isEqualTo(isHeld && report.generator().isValid() ? 0 : CommandRunner.FAILED);
    return report;
  }

  /** Returns whether an expectation limits a time and the actual value is one. */
  private static boolean isMeasuredTime(ReportExpectation expectation) {
    return expectation.text().matches(".* <= \\d+m?s")
        && expectation.actual().matches("[0-9.]+\\D+");
  }

  @ParameterizedTest
  @MethodSource("scenarios")
  void scenario_shortForm_holds(String name) throws Exception {
    Map<String, String> flags = new HashMap<>(NODE);
    flags.put("--port", "0");
    try (HeartbeatServer node =
        new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero())) {
      assertHeld(name, node.start().getPort());

      assertThat(node.registry().leaseCount()).isZero();
    }
  }

  @Test
  void scenario_targetIsKilledAndStarted_holds() throws Exception {
    int port = reserve(1).get(0);
    Path pid = folder.resolve("pid");
    String start =
        command(port, "") + " >" + folder.resolve("node.log") + " 2>&1 & echo $! >" + pid;
    String kill = KILL.formatted(pid);
    sh(start);
    try {
      awaitPort(port);

      assertHeld(RESTART, port, "--restart-kill=" + kill, "--restart-start=" + start);
    } finally {
      sh(kill);
    }
  }

  @Test
  void scenario_watchedNodeIsKilledAndStarted_converges() throws Exception {
    assertPeersHold(PEERS);
  }

  @Test
  void scenario_membersAreFrozenKilledAndSeparated_holds() throws Exception {
    assertClusterHolds(CLUSTER);
  }

  @Test
  void scenario_membersAreSeparatedUntilTheyNotice_mergesAndConverges() throws Exception {
    Path scenario = Files.writeString(folder.resolve("split.yaml"), """
        name: split
        about: A member of a cluster can't reach the others.
        fleet: {instances: 200, applications: 4, interval: 1s, lease: 60s}
        spread: true
        warmup: 0
        duration: 45s
        settle: 60s
        events:
          - at: 100ms
            partition: {nodes: [2], for: 40s}
          - at: 30s
            replace: {share: 20%, over: 1s}
        expect:
          - lost = 0
          - partitioned <= 14s
          - merged <= 10s
          - reconverged <= 20s
          - differences = 0
          - answered.5xx = 0
          - kept = 100%
          - strays = 0
        """);

    Report report = assertClusterHolds(scenario.toString());

    assertThat(report.events())
        .extracting(Event::text)
        .anyMatch(text -> text.endsWith("member 1 lists 1, 3; 2 lists 2; 3 lists 1, 3"));
  }

  @Test
  void scenario_separatedMembersWithoutProxies_isRefusedInOneLine() {
    int code = cli.execute(
        "scenario",
        CLUSTER,
        "--target=http://127.0.0.1:9/v2",
        "--watch=http://127.0.0.1:9/v2",
        "--watch=http://127.0.0.1:9/v2",
        "--restart-start=true",
        "--node-signal=true");

    assertThat(code).isEqualTo(CommandRunner.USAGE_ERROR);
    assertThat(cli.err().strip())
        .isEqualTo("cluster: partition requires --member-proxies with a port for each of the 3"
            + " nodes, got 0");
  }

  /** Runs a scenario against three members that connect to each other through the load test. */
  private Report assertClusterHolds(String scenario) throws Exception {
    List<Integer> ports = reserve(9);
    List<Integer> own = ports.subList(0, 3);
    List<Integer> among = ports.subList(3, 6);
    List<Integer> proxies = ports.subList(6, 9);
    String members = among.stream().map(port -> "127.0.0.1:" + port).collect(joining(","));
    String options =
        " --cluster it --cluster-members " + members + " --cluster-port " + ofNode(among);

    String jvmOptions =
        "-DsocksProxyHost=127.0.0.1 -DsocksNonProxyHosts= -DsocksProxyPort=" + ofNode(proxies);
    String argument =
        "--member-proxies=" + proxies.stream().map(String::valueOf).collect(joining(","));

    return assertHoldsWithNodes(scenario, own, jvmOptions, options, argument);
  }

  @Test
  void scenario_targetOfClusterIsKilledAndStarted_hasAllInstances() throws Exception {
    Path scenario = Files.writeString(folder.resolve("target.yaml"), """
        name: target
        about: The target of a cluster is killed.
        fleet: {instances: 200, applications: 4, interval: 1s}
        warmup: 0
        duration: 3s
        settle: 60s
        events:
          - {at: 100ms, restart: {node: 1}}
        expect:
          - lost = 0
          - reconverged <= 40s
          - differences = 0
          - answered.5xx = 0
          - kept = 100%
          - strays = 0
        """);

    assertPeersHold(scenario.toString());
  }

  /** Runs a scenario against three nodes that replicate to each other. */
  private void assertPeersHold(String scenario) throws Exception {
    List<Integer> ports = reserve(3);
    String peers =
        ports.stream().map(port -> "http://127.0.0.1:" + port + "/eureka").collect(joining(","));

    assertHoldsWithNodes(scenario, ports, "", " --peers " + peers);
  }

  /** Returns the shell expression of a node's port. */
  private static String ofNode(List<Integer> ports) {
    return "$(echo %d %d %d | cut -d' ' -f$NODE)".formatted(ports.toArray());
  }

  /** Runs a scenario against three nodes with these options. */
  private Report assertHoldsWithNodes(
      String scenario, List<Integer> ports, String jvmOptions, String options, String... more)
      throws Exception {
    String start =
        command(ofNode(ports), jvmOptions) + " --lame-duck 0 --data-dir " + folder + "/data$NODE"
            + options + " >>" + folder + "/node$NODE.log 2>&1 & echo $! >" + folder + "/pid$NODE";
    String kill = KILL.formatted(folder + "/pid$NODE");
    for (int node = 1; node <= 3; node++) {
      sh("NODE=" + node + "; " + start);
    }
    try {
      ports.forEach(ShippedScenariosIT::awaitPort);

      Stream<String> arguments = Stream.of(
          "--watch=http://127.0.0.1:" + ports.get(1) + "/v2",
          "--watch=http://127.0.0.1:" + ports.get(2) + "/v2",
          "--restart-kill=" + kill,
          "--node-signal=kill -$SIGNAL $(cat " + folder + "/pid$NODE)",
          // The node is back after the wave.
          "--restart-start=sleep 3; " + start);
      return assertHeld(
          scenario, ports.get(0), Stream.concat(arguments, Stream.of(more)).toArray(String[]::new));
    } finally {
      for (int node = 1; node <= 3; node++) {
        sh("NODE=" + node + "\n" + kill);
      }
    }
  }

  /** @param port number, or shell expression */
  private static String command(Object port, String jvmOptions) {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    StringBuilder command = new StringBuilder()
        .append("'" + java + "' -XX:TieredStopAtLevel=1 -XX:+UseSerialGC " + jvmOptions + " -cp '")
        .append(System.getProperty("java.class.path"))
        .append("' io.systole.server.Main --port ")
        .append(port);
    NODE.forEach((flag, value) -> command.append(' ').append(flag).append(' ').append(value));
    return command.toString();
  }

  private static void sh(String command) throws Exception {
    Process process = new ProcessBuilder(List.of("sh", "-c", command)).start();
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(process.exitValue()).isZero();
  }

  private static void awaitPort(int port) {
    await().atMost(Duration.ofSeconds(60)).ignoreExceptions().until(() -> {
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        return socket.isConnected();
      }
    });
  }
}
