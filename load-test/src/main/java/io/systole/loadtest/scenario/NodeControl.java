// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.scenario.ScenarioAction.NodeSignal;
import io.systole.loadtest.scenario.ScenarioAction.RestartNode;
import io.systole.loadtest.scenario.ScenarioAction.SignalNode;
import io.systole.loadtest.scenario.ScenarioAction.StartNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;

/**
 * Runs the commands that start nodes and end, freeze or thaw them. Thread-safe; a call returns once
 * all registries are equal again, or at the end of the window.
 */
final class NodeControl {
  private final ScenarioContext context;
  private final RecoveryMonitor recovery;
  private final ConvergenceMonitor convergence;

  NodeControl(ScenarioContext context, ConvergenceMonitor convergence) {
    this.context = context;
    this.convergence = convergence;
    this.recovery = new RecoveryMonitor(context);
  }

  private static String name(int node) {
    return node == RestartNode.TARGET ? "the target" : "node " + node;
  }

  private static Map<String, String> variables(int node, NodeSignal signal) {
    return Map.of("NODE", Integer.toString(node), "SIGNAL", signal.name());
  }

  /** Kills a node and starts it again. */
  void restart(RestartNode restart) throws InterruptedException {
    int node = restart.node();
    boolean isTarget = node == RestartNode.TARGET;
    String name = name(node);
    Map<String, String> variables = variables(node, NodeSignal.KILL);
    long startNs;
    try {
      Path log = ShellCommands.createLog();
      context.recordEvent("restart: killing " + name + "; output of the commands in " + log);
      if (isTarget) {
        recovery.onKill();
      }
      ShellCommands.run("kill", restart.kill(), variables, log);
      context.recordEvent("restart: " + name + " killed");
      if (isTarget) {
        recovery.onStart();
      }
      startNs = System.nanoTime();
      ShellCommands.run("start", restart.start(), variables, log);
      context.recordEvent("restart: " + name + " started");
    } catch (IOException e) {
      throw new IllegalStateException("restart failed: " + e.getMessage(), e);
    }
    convergence.awaitAfter("the start of " + name, startNs);
  }

  /** Sends a node a signal. */
  void signal(SignalNode action) throws InterruptedException {
    String name = name(action.node());
    long startNs = System.nanoTime();
    run("signal", action.command(), variables(action.node(), action.signal()));
    context.recordEvent("signal: " + name + " received " + action.signal());
    if (action.signal() == NodeSignal.CONT) {
      convergence.awaitAfter("the thaw of " + name, startNs);
    }
  }

  /** Starts a node. */
  void start(StartNode action) throws InterruptedException {
    String name = name(action.node());
    long startNs = System.nanoTime();
    run("start", action.command(), Map.of("NODE", Integer.toString(action.node())));
    context.recordEvent("start: " + name + " started");
    convergence.awaitAfter("the start of " + name, startNs);
  }

  private void run(String name, String command, Map<String, String> variables)
      throws InterruptedException {
    try {
      Path log = ShellCommands.createLog();
      context.recordEvent(name + ": output of the command in " + log);
      ShellCommands.run(name, command, variables, log);
    } catch (IOException e) {
      throw new IllegalStateException(name + " failed: " + e.getMessage(), e);
    }
  }
}
