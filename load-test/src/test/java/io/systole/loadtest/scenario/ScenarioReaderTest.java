// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.loadtest.scenario.Scenario.FleetPlan;
import io.systole.loadtest.scenario.Scenario.TimedAction;
import io.systole.loadtest.scenario.ScenarioAction.CrowdPlan;
import io.systole.loadtest.scenario.ScenarioAction.FlapInstances;
import io.systole.loadtest.scenario.ScenarioAction.HalfOpenConnections;
import io.systole.loadtest.scenario.ScenarioAction.NodeSignal;
import io.systole.loadtest.scenario.ScenarioAction.PartitionMembers;
import io.systole.loadtest.scenario.ScenarioAction.ReaderPlan;
import io.systole.loadtest.scenario.ScenarioAction.RegistrationStorm;
import io.systole.loadtest.scenario.ScenarioAction.RestartNode;
import io.systole.loadtest.scenario.ScenarioAction.ResumeHeartbeats;
import io.systole.loadtest.scenario.ScenarioAction.RollingReplace;
import io.systole.loadtest.scenario.ScenarioAction.SignalNode;
import io.systole.loadtest.scenario.ScenarioAction.SlowConnections;
import io.systole.loadtest.scenario.ScenarioAction.StartNode;
import io.systole.loadtest.scenario.ScenarioAction.StopHeartbeats;
import io.systole.loadtest.scenario.ScenarioArguments.RestartCommands;
import java.net.URI;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ScenarioReaderTest {
  private static final String SMALLEST = """
      name: n
      about: a
      fleet: {instances: 150}
      """;

  private static final String WHOLE = """
      name: everything
      about: >
        All
        members.
      fleet: {instances: 1000, applications: 7, interval: 500ms, lease: 2s}
      connections: 3
      in-flight: 5
      loops: 2
      warmup: 0
      duration: 2m
      timeout: 1s
      settle: 4s
      readers: {delta: 1, full: 2, application: 3, vip: 4, every: 10s}
      watch: [http://127.0.0.1:1/v2]
      spread: true
      events:
        - {at: 0, replace: {share: 10%, over: 30s}}
        - {at: 1s, restart: {kill: k, start: s}}
        - {at: 2s, reregister: {share: 100%}}
        - {at: 3s, stop-heartbeats: {share: 1%}}
        - at: 4s
          resume-heartbeats:
        - {at: 5s, flap: {share: 2%, every: 1s}}
        - {at: 6s, slow: {connections: 8, bytes: 3/s}}
        - {at: 7s, half-open: {connections: 9}}
        - {at: 8s, crowd: {clients: 10, connections: 11}}
        - {at: 9s, kill: {node: 2, command: c}}
        - {at: 9s, stop: {node: 65, command: c}}
        - {at: 9s, freeze: {command: c}}
        - {at: 9s, thaw: {command: c}}
        - {at: 9s, start: {node: 2, command: d}}
        - {at: 9s, partition: {nodes: [1, 65], for: 2s}}
        - {at: 2m, readers: {full: 1, every: 1s}}
      expect:
        - p99 <= 20ms
      short:
        duration: 8s
        fleet: {instances: 10}
        events: []
      """;

  private static Scenario read(String text, boolean isShort, String... settings) {
    return ScenarioReader.read(
        YamlParser.read("f.yaml", text), isShort, List.of(settings), RestartCommands.NONE);
  }

  @Test
  void read_smallest_hasDefaults() {
    Scenario scenario = read(SMALLEST, false);

    assertThat(scenario.fleet()).isEqualTo(new FleetPlan(150, 2, 30_000, 90, 0));
    assertThat(scenario.durationMs()).isEqualTo(30_000);
    assertThat(scenario.events()).isEmpty();
    assertThat(scenario.expectations()).isEmpty();
    assertThat(scenario.readers()).isNull();
    assertThat(scenario.isSpread()).isFalse();
  }

  @Test
  void read_allMembers_areParsed() {
    Scenario scenario = read(WHOLE, false);

    assertThat(scenario.about()).isEqualTo("All members.");
    assertThat(scenario.fleet()).isEqualTo(new FleetPlan(1000, 7, 500, 2, 0));
    assertThat(List.of(scenario.connections(), scenario.inFlight(), scenario.loops()))
        .containsExactly(3, 5, 2);
    assertThat(scenario.warmupMs()).isZero();
    assertThat(scenario.timeoutMs()).isEqualTo(1000);
    assertThat(scenario.settleMs()).isEqualTo(4000);
    assertThat(scenario.readers()).isEqualTo(new ReaderPlan(1, 2, 3, 4, 10_000));
    assertThat(scenario.watch()).containsExactly(URI.create("http://127.0.0.1:1/v2"));
    assertThat(scenario.isSpread()).isTrue();
    assertThat(scenario.events())
        .containsExactly(
            new TimedAction(0, new RollingReplace(0.1, 30_000)),
            new TimedAction(1000, new RestartNode(1, "k", "s")),
            new TimedAction(2000, new RegistrationStorm(1, 0)),
            new TimedAction(3000, new StopHeartbeats(0.01)),
            new TimedAction(4000, new ResumeHeartbeats()),
            new TimedAction(5000, new FlapInstances(0.02, 1000)),
            new TimedAction(6000, new SlowConnections(8, 3)),
            new TimedAction(7000, new HalfOpenConnections(9)),
            new TimedAction(8000, new CrowdPlan(10, 11)),
            new TimedAction(9000, new SignalNode(2, NodeSignal.KILL, "c")),
            new TimedAction(9000, new SignalNode(65, NodeSignal.TERM, "c")),
            new TimedAction(9000, new SignalNode(1, NodeSignal.STOP, "c")),
            new TimedAction(9000, new SignalNode(1, NodeSignal.CONT, "c")),
            new TimedAction(9000, new StartNode(2, "d")),
            new TimedAction(9000, new PartitionMembers(Set.of(1, 65), 2000)),
            new TimedAction(120_000, new ReaderPlan(0, 1, 0, 0, 1000)));
    assertThat(scenario.expectations())
        .extracting(MetricExpectation::text)
        .containsExactly("p99 <= 20ms");
  }

  @Test
  void read_shortForm_isMerged() {
    Scenario scenario = read(WHOLE, true);

    assertThat(scenario.durationMs()).isEqualTo(8000);
    assertThat(scenario.fleet()).isEqualTo(new FleetPlan(10, 7, 500, 2, 0));
    assertThat(scenario.events()).isEmpty();
    assertThat(scenario.expectations()).hasSize(1);
  }

  @Test
  void read_settings_overrideTheSelectedForm() {
    Scenario scenario = read(
        WHOLE, false, "fleet.instances=20", "events.0.replace.share=50%", "expect.0=failed = 0");

    assertThat(scenario.fleet().instances()).isEqualTo(20);
    assertThat(scenario.events().get(0).action()).isEqualTo(new RollingReplace(0.5, 30_000));
    assertThat(scenario.expectations())
        .extracting(MetricExpectation::text)
        .containsExactly("failed = 0");
  }

  @Test
  void read_commands_overrideTheScenario() {
    Scenario scenario = ScenarioReader.read(
        YamlParser.read("f.yaml", WHOLE),
        false,
        List.of(),
        new RestartCommands("mine", null, "other"));

    assertThat(scenario.events().get(1).action()).isEqualTo(new RestartNode(1, "mine", "s"));
    assertThat(scenario.events().get(9).action())
        .isEqualTo(new SignalNode(2, NodeSignal.KILL, "other"));
    assertThat(scenario.events().get(13).action()).isEqualTo(new StartNode(2, "d"));
  }

  /** Each line is appended to the smallest scenario as line 4. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "colour: red | f.yaml:4: colour is unknown; known here are name, about, needs, fleet, connections,",
        "duration: 30 | f.yaml:4: duration must be a duration such as 500ms, 30s or 2m",
        "duration: 50ms | f.yaml:4: duration must be whole milliseconds within 100ms..86400s",
        "duration: [1s] | f.yaml:4: duration must be a value, got a list",
        "duration: | f.yaml:4: duration must be a value, got nothing",
        "connections: 0 | f.yaml:4: connections must be a whole number within 1..65536, got \"0\"",
        "connections: 1.5 | f.yaml:4: connections must be a whole number within 1..65536",
        "loops: 9 | f.yaml:4: loops must be a whole number within 1..8",
        "readers: 5 | f.yaml:4: readers must be a mapping, got \"5\"",
        "readers: {delta: 0} | f.yaml:4: readers.delta and full, application, vip are all 0",
        "readers: {delta: 1, often: 1s} | f.yaml:4: readers.often is unknown; known here are delta",
        "watch: http://a/v2 | f.yaml:4: watch must be a list",
        "watch: ['ftp://a'] | f.yaml:4: watch must be a service URL such as",
        "events: [{at: 1s}] | f.yaml:4: events[0].at must be combined with exactly one of crowd, flap, freeze, half-open",
        "events: [{resume-heartbeats: }] | f.yaml:4: events[0].at is missing",
        "events: [{at: 1s, resume-heartbeats: , flap: {}}] | f.yaml:4: events[0].at must be combined with exactly one",
        "events: [{at: 1s, explode: {}}] | f.yaml:4: events[0].explode is unknown; known here are at",
        "events: [{at: 1s, resume-heartbeats: {all: 1}}] | f.yaml:4: events[0].resume-heartbeats.all is unknown",
        "events: [{at: 31s, resume-heartbeats: }] | f.yaml:4: events[0].at must be whole milliseconds within 0us",
        "events: [{at: 1s, stop-heartbeats: {share: 0%}}] | events[0].stop-heartbeats.share must be more than 0%",
        "events: [{at: 1s, stop-heartbeats: {share: 101%}}] | must be more than 0% and at most 100%, got",
        "events: [{at: 1s, restart: {}}] | events[0].restart.kill is missing: give it here or by",
        "events: [{at: 1s, freeze: {}}] | events[0].freeze.command is missing: give it here or by --node-signal",
        "events: [{at: 1s, start: {}}] | events[0].start.command is missing: give it here or by --restart-start",
        "events: [{at: 1s, kill: {node: 0}}] | events[0].kill.node must be a whole number within 1..65",
        "events: [{at: 1s, partition: {for: 1s}}] | f.yaml:4: events[0].partition.nodes must have at least one node",
        "events: [{at: 1s, partition: {nodes: [2, 2], for: 1s}}] | events[0].partition.nodes must be different numbers",
        "events: [{at: 1s, partition: {nodes: [0], for: 1s}}] | events[0].partition.nodes must be different numbers",
        "events: [{at: 1s, partition: {nodes: [66], for: 1s}}] | events[0].partition.nodes must be different numbers within 1..65",
        "events: [{at: 1s, partition: {nodes: [2]}}] | events[0].partition.for is missing",
        "spread: yes | f.yaml:4: spread must be true or false, got",
        "events: [{at: 1s, slow: {connections: 1, bytes: 10}}] | slow.bytes must be a rate such as",
        "events: [{at: 9s, replace: {share: 1%, over: 22s}}] | replace would end 31s after the start",
        "expect: [p99 <= 20] | f.yaml:4: expect[0] compares p99, which must be a duration such as",
        "expect: [p98 <= 20ms] | f.yaml:4: expect[0] has the unknown metric \"p98\"; known are due,",
        "expect: [p99 about 20ms] | f.yaml:4: expect[0] must be <metric> <op> <number><unit>",
        "expect: [{p99: 20ms}] | f.yaml:4: expect[0] must be one line, got a mapping",
        "short: {duration: soon} | f.yaml:4: duration must be a duration",
        "name: again | f.yaml:4: name is a duplicate member",
        "warmup: *a | f.yaml:4: aliases are not supported",
        "warmup: {a: | not YAML",
      })
  void read_invalidMember_isRejectedInOneLine(String line, String message) {
    assertThatThrownBy(() -> read(SMALLEST + line, false))
        .isInstanceOf(ScenarioParseException.class)
        .hasMessageContaining(message)
        .hasMessageNotContaining("\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "name: n | f.yaml:1: about is missing",
        "[1] | f.yaml:1: a scenario must be a mapping, got a list",
        "'' | f.yaml: is empty",
        "{name: n, about: a} | f.yaml:1: fleet is missing",
        "{name: n, about: a, fleet: {}} | f.yaml:1: fleet.instances is missing",
        "{name: n, about: a, fleet: {instances: 1, lease: 1500ms}} | lease must be whole seconds",
        "{name: n, about: a, fleet: {instances: 2, applications: 3}} | within 1..2, got \"3\"",
      })
  void read_invalidScenario_isRejected(String text, String message) {
    assertThatThrownBy(() -> read(text, false))
        .isInstanceOf(ScenarioParseException.class)
        .hasMessageContaining(message);
  }

  @Test
  void read_secondDocument_isRejected() {
    assertThatThrownBy(() -> read(SMALLEST + "---\nname: two\n", false))
        .isInstanceOf(ScenarioParseException.class)
        .hasMessageContaining("a file contains one scenario");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "fleet; --set fleet: must be path=value",
        "fleet.instances=ten; --set fleet.instances=ten: fleet.instances must be a whole number",
        "fleet.size=1; --set fleet.size=1: fleet.size is unknown",
        "name.first=x; --set name.first=x: first is not a member of \"everything\"",
        "events.16.at=1s; --set events.16.at=1s: 16 is not an index of a list of 16; indices start at 0",
        "colour.red=1; --set colour.red=1: colour is unknown",
      })
  void read_invalidSetting_isRejected(String setting, String message) {
    assertThatThrownBy(() -> read(WHOLE, false, setting))
        .isInstanceOf(ScenarioParseException.class)
        .hasMessageStartingWith(message);
  }
}
