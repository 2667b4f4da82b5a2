// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.Set;

/** A change to the fleet, the target or its other clients during a scenario. */
sealed interface ScenarioAction {
  /** Returns the duration, ms; 0 if the action is immediate or lasts to the end of the window. */
  default long durationMs() {
    return 0;
  }

  /**
   * A deployment: instances cancel and register under new ids, evenly over a time.
   *
   * @param share of the fleet
   * @param overMs from the first to the last; 0 for all at once
   */
  record RollingReplace(double share, long overMs) implements ScenarioAction {
    @Override
    public long durationMs() {
      return overMs;
    }
  }

  /**
   * Registered instances send their registration again.
   *
   * @param share of the fleet
   * @param overMs from the first to the last; 0 for all at once
   */
  record RegistrationStorm(double share, long overMs) implements ScenarioAction {
    @Override
    public long durationMs() {
      return overMs;
    }
  }

  /**
   * Instances stop their heartbeats without a cancel. Their eviction is monitored until they resume
   * or the window ends.
   *
   * @param share of the fleet
   */
  record StopHeartbeats(double share) implements ScenarioAction {}

  /** All stopped instances resume their heartbeats; evicted ones receive 404. */
  record ResumeHeartbeats() implements ScenarioAction {}

  /**
   * Instances cancel, register again under the same id one period later, and so on to the end of
   * the window.
   *
   * @param share of the fleet
   * @param everyMs time between a cancel and the next registration
   */
  record FlapInstances(double share, long everyMs) implements ScenarioAction {}

  /**
   * A node is killed and started again; the convergence of all nodes is monitored from then on, and
   * outage and recovery if the node is the target.
   *
   * @param node {@link #TARGET}, or one more than the position of a watched node, from 1 on
   * @param kill for {@code sh -c}; returns once the node has exited
   * @param start for {@code sh -c}; returns while the node runs
   */
  record RestartNode(int node, String kill, String start) implements ScenarioAction {
    /** The number of the target. */
    static final int TARGET = 1;
  }

  /** A signal to the process of a node. */
  enum NodeSignal {
    /** Ends the process without warning. */
    KILL,
    /** Ends the process in order. */
    TERM,
    /** Freezes the process. */
    STOP,
    /** Thaws a frozen process. */
    CONT
  }

  /**
   * A node receives a signal. After {@link NodeSignal#CONT} the convergence of all nodes is
   * monitored.
   *
   * @param node numbered as for {@link RestartNode}
   * @param command for {@code sh -c}; sends the signal in the variable SIGNAL to the node in NODE
   */
  record SignalNode(int node, NodeSignal signal, String command) implements ScenarioAction {}

  /**
   * A node that was killed or stopped is started; the convergence of all nodes is monitored from
   * then on.
   *
   * @param node numbered as for {@link RestartNode}
   * @param command for {@code sh -c}; returns while the node runs
   */
  record StartNode(int node, String command) implements ScenarioAction {}

  /**
   * Members of a native cluster can't exchange anything with the others for a time, while clients
   * reach all. The views of all members are monitored, and their convergence afterwards.
   *
   * @param nodes numbered as for {@link RestartNode}; not all
   */
  record PartitionMembers(Set<Integer> nodes, long forMs) implements ScenarioAction {
    public PartitionMembers {
      nodes = Set.copyOf(nodes);
    }

    @Override
    public long durationMs() {
      return forMs;
    }
  }

  /**
   * Clients that read at a fixed interval to the end of the window.
   *
   * @param delta clients that read the full registry once and the delta from then on
   * @param full clients that read the full registry each time
   * @param application clients that read one application each time
   * @param vip clients that read one VIP address each time
   * @param everyMs read interval of a client
   */
  record ReaderPlan(int delta, int full, int application, int vip, long everyMs)
      implements ScenarioAction {
    int count() {
      return delta + full + application + vip;
    }
  }

  /**
   * Connections that send requests and read responses slowly, to the end of the window.
   *
   * @param bytesPerSec of each connection
   */
  record SlowConnections(int connections, double bytesPerSec) implements ScenarioAction {}

  /**
   * Clients outside the fleet that register at once and cancel at the end of the window.
   *
   * @param clients each sends its registration until it is accepted, and waits after a 503
   * @param connections shared by the clients, each with one request in flight
   */
  record CrowdPlan(int clients, int connections) implements ScenarioAction {}

  /**
   * Connections of half-open clients, to the end of the window: a third sends half a request, a
   * third requests the full registry and never reads, a third sends nothing.
   */
  record HalfOpenConnections(int connections) implements ScenarioAction {}
}
