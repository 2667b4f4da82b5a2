// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.config.SetOption;
import io.systole.server.management.NodeDescription;
import io.systole.server.monitoring.NodeHealth.RunPhase;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The phase of a node's run, and its description for operators. Thread-safe. */
final class RunState {
  private volatile RunPhase phase = RunPhase.LOADING;
  private volatile InstanceInfo self;

  /** Null until the node listens. */
  private volatile @Nullable RunningNode running;

  private volatile Supplier<String> configuration = () -> "";
  private volatile Supplier<List<SetOption>> options = List::of;

  /** @param self the node as an instance, before its addresses are known */
  RunState(InstanceInfo self) {
    this.self = self;
  }

  RunPhase phase() {
    return phase;
  }

  boolean isServing() {
    return phase == RunPhase.SERVING;
  }

  /** Changes the phase. */
  void enter(RunPhase next) {
    phase = next;
  }

  /** Returns the node as an instance. */
  InstanceInfo self() {
    return self;
  }

  /** Sets the node that listens, with its addresses. */
  void setRunning(InstanceInfo instance, RunningNode node) {
    self = instance;
    running = node;
  }

  /**
   * Returns the node that listens.
   *
   * @throws IllegalStateException before it does
   */
  RunningNode running() {
    RunningNode node = running;
    if (node == null) {
      throw new IllegalStateException("not started");
    }
    return node;
  }

  /** Returns the description of the node; null until it listens. */
  @Nullable
  NodeDescription description() {
    RunningNode node = running;
    return node == null ? null : node.describe(options.get());
  }

  /** Returns the text of the configuration, without credentials; empty by default. */
  String configuration() {
    return configuration.get();
  }

  void showConfiguration(Supplier<String> yaml) {
    configuration = yaml;
  }

  /** Sets the options that are not at their default. */
  void showOptions(Supplier<List<SetOption>> set) {
    options = set;
  }
}
