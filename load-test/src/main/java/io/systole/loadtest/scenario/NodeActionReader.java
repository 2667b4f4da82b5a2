// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.scenario.ScenarioAction.NodeSignal;
import io.systole.loadtest.scenario.ScenarioAction.PartitionMembers;
import io.systole.loadtest.scenario.ScenarioAction.RestartNode;
import io.systole.loadtest.scenario.ScenarioAction.SignalNode;
import io.systole.loadtest.scenario.ScenarioAction.StartNode;
import io.systole.loadtest.scenario.ScenarioArguments.RestartCommands;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A parser of the actions on nodes. */
final class NodeActionReader {
  private static final long PARTITION_MS_MAX = TimeUnit.HOURS.toMillis(24);

  private final RestartCommands commands;
  private final int nodesMax;

  /**
   * Creates a parser.
   *
   * @param commands override those of the scenario
   * @param nodesMax nodes including the target
   */
  NodeActionReader(RestartCommands commands, int nodesMax) {
    this.commands = commands;
    this.nodesMax = nodesMax;
  }

  /** Returns the parser of each action by its name. */
  Map<String, Function<YamlFields, ScenarioAction>> actions() {
    return Map.of(
        "restart", this::restart,
        "start", this::start,
        "kill", fields -> signal(fields, NodeSignal.KILL),
        "stop", fields -> signal(fields, NodeSignal.TERM),
        "freeze", fields -> signal(fields, NodeSignal.STOP),
        "thaw", fields -> signal(fields, NodeSignal.CONT),
        "partition", this::partition);
  }

  private PartitionMembers partition(YamlFields fields) {
    Set<Integer> nodes = new HashSet<>();
    for (YamlNode node : fields.items("nodes")) {
      int number = number(node);
      if (number < RestartNode.TARGET || number > nodesMax || !nodes.add(number)) {
        throw YamlFields.error(
            node,
            fields.pathOf("nodes"),
            "must be different numbers within " + RestartNode.TARGET + ".." + nodesMax);
      }
    }
    if (nodes.isEmpty()) {
      throw fields.error("nodes", "must have at least one node");
    }
    return new PartitionMembers(nodes, fields.duration("for", 1, PARTITION_MS_MAX));
  }

  /** Returns a number of two digits at most, else 0. */
  private static int number(YamlNode node) {
    return node instanceof YamlNode.Text text && text.value().matches("\\d{1,2}")
        ? Integer.parseInt(text.value())
        : 0;
  }

  private RestartNode restart(YamlFields fields) {
    return new RestartNode(
        node(fields),
        command(fields, "kill", "--restart-kill", commands.kill()),
        command(fields, "start", "--restart-start", commands.start()));
  }

  private StartNode start(YamlFields fields) {
    return new StartNode(
        node(fields), command(fields, "command", "--restart-start", commands.start()));
  }

  private SignalNode signal(YamlFields fields, NodeSignal signal) {
    return new SignalNode(
        node(fields), signal, command(fields, "command", "--node-signal", commands.signal()));
  }

  private int node(YamlFields fields) {
    return fields.count("node", RestartNode.TARGET, RestartNode.TARGET, nodesMax);
  }

  private static String command(
      YamlFields fields, String name, String option, @Nullable String override) {
    String inScenario = fields.text(name, "");
    if (override == null && inScenario.isEmpty()) {
      throw fields.error(name, "is missing: give it here or by " + option);
    }
    return override == null ? inScenario : override;
  }
}
