// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.runner.LoadTestException;
import io.systole.loadtest.runner.Progress;
import io.systole.loadtest.scenario.ScenarioArguments.RestartCommands;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.HeartbeatServer;
import io.systole.server.config.ConfigParser;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each action against a real node, with 40 instances and an interval of 200 ms. */
@Execution(ExecutionMode.CONCURRENT)
class ScenarioActionTest {
  /** One hour: disables the lag check in effect. */
  private static final int LAG_MS_MAX = 3_600_000;

  private static final String FLEET = """
      name: test
      about: One action.
      fleet: {instances: 40, applications: 4, interval: 200ms}
      connections: 1
      warmup: 0
      duration: 1s
      settle: 30s
      """;

  /** Exact counts require an interval far above the generator's lag. */
  private static final String SLOW_FLEET = """
      fleet: {instances: 40, applications: 4, interval: 2s}
      duration: 2s
      """;

  @TempDir
  private Path folder;

  private HeartbeatServer node;
  private int port;

  @BeforeEach
  void start() throws Exception {
    start(Map.of());
  }

  private void start(Map<String, String> options) throws Exception {
    Map<String, String> flags = new HashMap<>(options);
    flags.putAll(Map.of("--port", "0", "--bind", "127.0.0.1", "--loops", "1"));
    node = new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
    port = node.start().getPort();
  }

  @AfterEach
  void stop() {
    node.close();
  }

  private Report run(String more, String... expectations) throws Exception {
    return run(List.of(), more, expectations);
  }

  private Report run(List<String> watch, String more, String... expectations) throws Exception {
    return run(watch, List.of(), more, expectations);
  }

  private Report run(
      List<String> watch, List<Integer> memberProxies, String more, String... expectations)
      throws Exception {
    // Members given by the test replace the defaults.
    String defaults = FLEET
        .lines()
        .filter(line -> !("\n" + more).contains("\n" + line.substring(0, line.indexOf(' '))))
        .collect(Collectors.joining("\n"));
    StringBuilder text = new StringBuilder(defaults).append('\n').append(more).append("expect:\n");
    for (String expectation : expectations) {
      text.append("  - ").append(expectation).append('\n');
    }
    Path file = Files.writeString(folder.resolve("scenario.yaml"), text);
    ScenarioArguments arguments = new ScenarioArguments(
        file.toString(),
        URI.create("http://127.0.0.1:" + port + "/v2"),
        false,
        List.of(),
        OptionalLong.empty(),
        RestartCommands.NONE,
        watch,
        memberProxies);
    Progress silent = new Progress(new PrintWriter(new StringWriter()), false);
    return new ScenarioRunner(arguments, LAG_MS_MAX, silent).run();
  }

  private static void assertHeld(Report report) {
    assertThat(report.expectations())
        .isNotEmpty()
        .allSatisfy(expectation -> assertThat(expectation.held())
            .as("%s: %s; %s", expectation.text(), expectation.actual(), report.events())
            .isTrue());
  }

  private static String reported(Report report, String about) {
    return report.events().stream()
        .map(Event::text)
        .filter(what -> what.startsWith(about))
        .reduce("", (all, what) -> all + what + "\n");
  }

  @Test
  void run_noEvents_countsAndCancelsTheFleet() throws Exception {
    Report report = run(SLOW_FLEET, "due = 40", "answered.not200 = 0", "kept = 100%", "strays = 0");

    assertHeld(report);
    assertThat(node.registry().leaseCount()).isZero();
  }

  @Test
  void partition_nodesAreNoMembers_failsWithTheOptionsThatTheyNeed() {
    String watched = "http://127.0.0.1:" + port + "/v2";

    assertThatThrownBy(() -> run(List.of(watched), List.of(0, 0), """
            settle: 0
            events: [{at: 0, partition: {nodes: [2], for: 1s}}]
            """, "lost = 0"))
        .isInstanceOf(LoadTestException.class)
        .hasMessageStartingWith("the members do not form one cluster, 1 can't be read; 2 can't be"
            + " read; start member N with -DsocksProxyHost=127.0.0.1 -DsocksProxyPort=P")
        .hasMessageNotContaining("\n");
  }

  @Test
  void partition_allNodes_isRejected() {
    assertThatThrownBy(() -> run(List.of(), List.of(0), """
            events: [{at: 0, partition: {nodes: [1], for: 1s}}]
            """, "lost = 0"))
        .isInstanceOf(ScenarioParseException.class)
        .hasMessageContaining("separates all nodes");
  }

  @Test
  void replace_share_comesBackAsNewInstances() throws Exception {
    Report report = run("""
        events:
          - {at: 100ms, replace: {share: 25%, over: 500ms}}
        """, "registered = 10", "answered.5xx = 0", "kept = 100%", "strays = 0");

    assertHeld(report);
    assertThat(reported(report, "replace"))
        .contains("replacing 10 instances", "all 10 replacements submitted");
  }

  @Test
  void reregister_all_registersEachOnce() throws Exception {
    Report report = run("""
        events:
          - {at: 100ms, reregister: {share: 100%, over: 200ms}}
        """, "registered = 40", "answered.not200 = 0", "kept = 100%", "strays = 0");

    assertHeld(report);
  }

  @Test
  void crowd_clients_registerAndCancelAtTheEnd() throws Exception {
    Report report = run(
        """
        events:
          - {at: 100ms, crowd: {clients: 200, connections: 3}}
        """,
        "crowd.registered = 200",
        "crowd.complete <= 1h",
        "crowd.refused = 0",
        "crowd.failed = 0",
        "answered.not200 = 0",
        "kept = 100%",
        "strays = 0");

    assertHeld(report);
    assertThat(node.registry().leaseCount()).isZero();
  }

  @Test
  void crowd_nodeIsFull_waitsAsLongAsItRequests() throws Exception {
    node.close();
    start(Map.of("--max-instances", "45"));

    Report report = run(
        """
        events:
          - {at: 100ms, crowd: {clients: 20, connections: 20}}
        """,
        "crowd.registered = 5",
        "crowd.complete <= 1h",
        "crowd.refused >= 15",
        // Some for each second of a slow run; without waiting it would be thousands in each.
        "crowd.refused <= 500",
        "crowd.without-retry-after = 0",
        "crowd.failed = 0",
        "kept = 100%");

    assertThat(report.expectations())
        .filteredOn(expectation -> !expectation.held())
        .containsExactly(new ReportExpectation(
            "crowd.complete <= 1h",
            "not measured: not all were registered, or there was no crowd",
            false));
    assertThat(node.registry().leaseCount()).isZero();
  }

  @Test
  void growth_warmUp_isCompared() throws Exception {
    // Without an interval far above the generator's lag, some heartbeats have no response in time,
    // and no latency is known.
    Report report =
        run(SLOW_FLEET + "warmup: 500ms\n", "p99.growth > 0", "due > 0", "answered.not200 = 0");

    assertHeld(report);
    assertThat(reported(report, "p99 of the warm-up")).isNotEmpty();
  }

  @Test
  void stopHeartbeats_longLeases_areNotEvicted() throws Exception {
    Report report = run(
        SLOW_FLEET + """
        events:
          - {at: 0, stop-heartbeats: {share: 50%}}
        """,
        "evicted = 0%",
        "due < 40",
        "answered.not200 = 0",
        "kept = 100%",
        "strays = 0");

    assertHeld(report);
    assertThat(reported(report, "evictions"))
        .contains("of 20 stopped instances 0 were evicted and 20 are still registered");
  }

  @Test
  void resumeHeartbeats_evictedInstances_receive404AndRegisterAgain() throws Exception {
    node.close();
    start(Map.of("--eviction-interval", "100ms", "--self-preservation", "false"));

    Report report = run(
        """
        fleet: {instances: 40, applications: 4, interval: 200ms, lease: 1s}
        duration: 5s
        events:
          - {at: 0, stop-heartbeats: {share: 10%}}
          - {at: 4s, resume-heartbeats: }
        """,
        "evicted = 100%",
        "eviction <= 1h",
        "answered.404 = 4",
        "registered = 4",
        "kept = 100%",
        "strays = 0");

    assertHeld(report);
  }

  @Test
  void flap_share_isRegisteredAtTheEnd() throws Exception {
    Report report = run("""
        events:
          - {at: 0, flap: {share: 25%, every: 100ms}}
        """, "registered >= 10", "answered.5xx = 0", "kept = 100%", "strays = 0");

    assertHeld(report);
  }

  @Test
  void readers_ofEveryKind_areAnsweredAndCounted() throws Exception {
    Report report = run("""
        readers: {delta: 2, full: 2, application: 2, vip: 2, every: 200ms}
        events:
          - {at: 500ms, readers: {application: 1, every: 100ms}}
        """, "readers.answered >= 16", "readers.not200 = 0", "readers.bytes > 1KB");

    assertHeld(report);
    assertThat(reported(report, "readers"))
        .contains("2 delta, 2 full, 2 application, 2 VIP address, every 200ms")
        .contains("1 application, 0 VIP address, every 100ms");
  }

  @Test
  void readers_deltaDisabled_areCountedAsNot200() throws Exception {
    node.close();
    start(Map.of("--disable-delta", "true"));

    Report report =
        run("readers: {delta: 2, every: 100ms}\n", "readers.not200 > 2", "answered.not200 = 0");

    assertHeld(report);
  }

  @Test
  void slow_connections_stayOpen() throws Exception {
    Report report = run("""
        events:
          - {at: 0, slow: {connections: 6, bytes: 20/s}}
        """, "answered.not200 = 0", "kept = 100%");

    assertHeld(report);
    assertThat(reported(report, "slow")).contains("6 of 6 were open at the end");
  }

  @Test
  void halfOpen_targetClosesThem_areReopenedAndCounted() throws Exception {
    node.close();
    start(Map.of("--request-timeout", "100ms"));

    Report report = run("""
        duration: 3s
        events:
          - {at: 0, half-open: {connections: 9}}
        """, "answered.not200 = 0", "kept = 100%");

    assertHeld(report);
    assertThat(reported(report, "half-open"))
        .contains("half-open: 9 connections")
        .containsPattern("closed connections [1-9]\\d* times");
  }

  @Test
  void restart_commandsWithoutEffect_reportShortOutage() throws Exception {
    Report report =
        run("""
        events:
          - at: 100ms
            restart: {kill: "true", start: "echo started"}
        """, "outage <= 1h", "recovery <= 1h", "answered.not200 = 0", "kept = 100%");

    assertHeld(report);
    assertThat(reported(report, "restart")).contains("the target killed", "the target started");
  }

  @ParameterizedTest
  @CsvSource({"exit 127, true, kill", "true, exit 3, start"})
  void restart_commandThatFails_failsTheScenario(String kill, String start, String failing) {
    String restart = """
        settle: 100ms
        events:
          - at: 100ms
            restart: {kill: "%s", start: "%s"}
        """.formatted(kill, start);

    assertThatThrownBy(() -> run(restart, "kept = 100%"))
        .isInstanceOf(LoadTestException.class)
        .hasMessageContaining(
            "an action failed: restart failed: " + failing + " command exited with status ");
  }

  @Test
  void restart_watchedNodeThatMissedInstances_convergesOnceTheyAreThere() throws Exception {
    try (HeartbeatServer other = other()) {
      String watched = "http://127.0.0.1:" + other.start().getPort() + "/v2";
      Path number = folder.resolve("number");
      ScheduledExecutorService copier = Executors.newSingleThreadScheduledExecutor();
      try {
        var unused = copier.scheduleWithFixedDelay(
            () -> copyTo(other.registry()), 10, 10, TimeUnit.MILLISECONDS);

        Report report = run(
            List.of(watched),
            SLOW_FLEET + """
            settle: 30s
            events:
              - at: 100ms
                restart: {node: 2, kill: "true", start: "echo node $NODE >%s"}
            """.formatted(number),
            "reconverged <= 1h",
            "converged <= 1h",
            "differences = 0",
            "answered.not200 = 0",
            "lost = 0");

        assertHeld(report);
        assertThat(number).hasContent("node 2");
        assertThat(reported(report, "restart"))
            .contains("node 2 killed", "node 2 started", "all registries are equal");
      } finally {
        copier.shutdownNow();
      }
    }
  }

  /** Makes a registry the same as that of the node. */
  private void copyTo(Registry registry) {
    Set<InstanceKey> keys = new HashSet<>();
    node.registry().forEachSlot((slot, instance, isChangedHere, isOutdated) -> {
      keys.add(instance.key());
      registry.register(instance, Origin.PEER);
    });
    registry.forEachSlot((slot, instance, isChangedHere, isOutdated) -> {
      if (!keys.contains(instance.key())) {
        registry.cancel(instance.key(), Origin.PEER);
      }
    });
  }

  private static HeartbeatServer other() throws Exception {
    var flags = Map.of("--port", "0", "--bind", "127.0.0.1", "--loops", "1");
    return new HeartbeatServer(ConfigParser.read(flags, Map.of()), Clock.startingAtZero());
  }

  @Test
  void signal_eachKind_runsItsCommandWithNodeAndSignal() throws Exception {
    Path log = folder.resolve("signals");
    String self = "http://127.0.0.1:" + port + "/v2";

    Report report = run(List.of(self), """
        events:
          - {at: 100ms, freeze: {node: 2, command: "echo $NODE $SIGNAL >>%1$s"}}
          - {at: 200ms, thaw: {node: 2, command: "echo $NODE $SIGNAL >>%1$s"}}
          - {at: 300ms, stop: {node: 1, command: "echo $NODE $SIGNAL >>%1$s"}}
          - {at: 400ms, kill: {node: 2, command: "echo $NODE $SIGNAL >>%1$s"}}
          - {at: 500ms, start: {node: 2, command: "echo $NODE start >>%1$s"}}
        """.formatted(log), "reconverged <= 1h", "lost = 0");

    assertHeld(report);
    assertThat(Files.readAllLines(log))
        .containsExactlyInAnyOrder("2 STOP", "2 CONT", "1 TERM", "2 KILL", "2 start");
    assertThat(reported(report, "signal"))
        .contains("node 2 received STOP", "the target received TERM", "node 2 received KILL");
    assertThat(reported(report, "restart"))
        .contains("after the thaw of node 2", "after the start of node 2");
  }

  @Test
  void signal_commandFails_failsTheScenario() {
    assertThatThrownBy(() -> run("""
        events:
          - {at: 100ms, kill: {command: "exit 7"}}
        """, "kept = 100%"))
        .isInstanceOf(LoadTestException.class)
        .hasMessageContaining(
            "an action failed: signal failed: signal command exited with status 7");
  }

  /** Nodes that replicate nothing share the fleet, and the other half is missing at the target. */
  @Test
  void spread_twoNodes_eachHasHalfOfTheFleet() throws Exception {
    try (HeartbeatServer other = other()) {
      String watched = "http://127.0.0.1:" + other.start().getPort() + "/v2";

      Report report = run(
          List.of(watched),
          SLOW_FLEET + "settle: 100ms\nspread: true\n",
          "renewals.counted = 100%",
          "answered.not200 = 0",
          "kept = 50%",
          "differences = 40");

      assertHeld(report);
      assertThat(reported(report, "renewals")).contains("the nodes counted ");
    }
  }

  @Test
  void signal_nodeThatIsNotGiven_isRejected() {
    assertThatThrownBy(() -> run("""
        events:
          - {at: 100ms, freeze: {node: 2, command: "true"}}
        """, "kept = 100%"))
        .isInstanceOf(ScenarioParseException.class)
        .hasMessage("test: signals node 2 of 1; --target is node 1, and each --watch adds one");
  }

  @Test
  void restart_nodeThatIsNotGiven_isRejected() {
    assertThatThrownBy(() -> run("""
        events:
          - at: 100ms
            restart: {node: 2, kill: "true", start: "true"}
        """, "kept = 100%"))
        .isInstanceOf(ScenarioParseException.class)
        .hasMessage("test: restarts node 2 of 1; --target is node 1, and each --watch adds one");
  }

  @Test
  void lost_instanceUnknownToTheTarget_isCountedAndCancelledOnesAreNot() throws Exception {
    InstanceKey key = new InstanceKey("LOAD-0", "host-20:load-0:8080");
    AtomicBoolean isCancelled = new AtomicBoolean();
    ScheduledExecutorService canceller = Executors.newSingleThreadScheduledExecutor();
    try {
      Runnable cancel = () -> {
        if (!isCancelled.get() && node.registry().find(key) != null) {
          isCancelled.set(true);
          node.registry().cancel(key, Origin.CLIENT);
        }
      };
      var unused = canceller.scheduleWithFixedDelay(cancel, 10, 10, TimeUnit.MILLISECONDS);

      Report report = run("""
          events:
            - {at: 100ms, replace: {share: 25%, over: 500ms}}
          """, "lost = 1", "kept = 100%", "strays = 0");

      assertHeld(report);
    } finally {
      canceller.shutdownNow();
    }
  }

  @Test
  void watch_equalHashCodeButAnotherMember_isADifference() throws Exception {
    try (HeartbeatServer other = other()) {
      String watched = "http://127.0.0.1:" + other.start().getPort() + "/v2";
      ScheduledExecutorService copier = Executors.newSingleThreadScheduledExecutor();
      try {
        var unused = copier.scheduleWithFixedDelay(
            () -> node.registry()
                .forEachSlot((slot, instance, isChangedHere, isOutdated) -> other
                    .registry()
                    .register(instance.toBuilder().vipAddress("other").build(), Origin.PEER)),
            10,
            10,
            TimeUnit.MILLISECONDS);

        Report report = run(
            List.of(watched), SLOW_FLEET + "settle: 1s\n", "converged <= 1h", "differences = 40");

        assertThat(report.expectations())
            .containsExactly(
                new ReportExpectation("converged <= 1h", "never", false),
                new ReportExpectation("differences = 40", "40", true));
        assertThat(reported(report, "watch: target A"))
            .contains("B: LOAD-0/host-0:load-0:8080 differs in vipAddress");
      } finally {
        copier.shutdownNow();
      }
    }
  }

  @Test
  void watch_convergedAndDivergedNode_areReported() throws Exception {
    try (HeartbeatServer other = other()) {
      String self = "http://127.0.0.1:" + port + "/v2";
      String stranger = "http://127.0.0.1:" + other.start().getPort() + "/v2";

      Report report =
          run(List.of(self, stranger), "settle: 1500ms\n", "converged <= 1h", "differences = 40");

      assertThat(report.expectations())
          .containsExactly(
              new ReportExpectation("converged <= 1h", "never", false),
              new ReportExpectation("differences = 40", "40", true));
      assertThat(report.passed()).isFalse();
      assertThat(reported(report, "watch: " + self)).contains("has the fleet after");
      assertThat(reported(report, "watch: " + stranger)).contains("does not have the fleet after");
    }
  }
}
