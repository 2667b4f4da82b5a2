// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.read.ReadLoad;
import io.systole.loadtest.runner.Fleet;
import io.systole.loadtest.scenario.MisbehavingConnections.Behavior;
import io.systole.loadtest.scenario.ScenarioAction.CrowdPlan;
import io.systole.loadtest.scenario.ScenarioAction.FlapInstances;
import io.systole.loadtest.scenario.ScenarioAction.HalfOpenConnections;
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
import org.jspecify.annotations.Nullable;

/** Runs the actions of a scenario, each on its own thread until the end of the window. */
final class ActionRunner {
  private static final Behavior[] HALF_OPEN = {
    Behavior.HALF_REQUEST, Behavior.NEVER_READING, Behavior.SILENT
  };

  private final ScenarioContext context;
  private final FleetState fleet;
  private final EvictionMonitor evictions;
  private final NodeControl nodes;
  private final ConvergenceMonitor convergence;
  private final @Nullable PartitionControl partitions;

  /** @param partitions null if the scenario has none */
  ActionRunner(
      ScenarioContext context,
      ConvergenceMonitor convergence,
      @Nullable PartitionControl partitions) {
    this.convergence = convergence;
    this.partitions = partitions;
    this.context = context;
    this.fleet = context.fleet();
    this.evictions = new EvictionMonitor(context);
    this.nodes = new NodeControl(context, convergence);
  }

  /** Schedules all events of the scenario relative to now. */
  void schedule() {
    for (Scenario.TimedAction event : context.scenario().events()) {
      context.schedule(event.atMs(), () -> run(event.action()));
    }
  }

  /** Starts an action now. */
  void start(ScenarioAction action) {
    context.start(() -> run(action));
  }

  private void run(ScenarioAction action) throws InterruptedException {
    if (action instanceof RollingReplace replace) {
      replace(replace);
    } else if (action instanceof RegistrationStorm storm) {
      reregister(storm);
    } else if (action instanceof StopHeartbeats stop) {
      stopHeartbeats(stop);
    } else if (action instanceof ResumeHeartbeats) {
      resumeHeartbeats();
    } else if (action instanceof FlapInstances flap) {
      flap(flap);
    } else if (action instanceof RestartNode restart) {
      nodes.restart(restart);
    } else if (action instanceof SignalNode signal) {
      nodes.signal(signal);
    } else if (action instanceof StartNode start) {
      nodes.start(start);
    } else if (action instanceof PartitionMembers partition && partitions != null) {
      partitions.run(partition, convergence);
    } else if (action instanceof ReaderPlan readers) {
      read(readers);
    } else if (action instanceof SlowConnections slow) {
      openSlow(slow);
    } else if (action instanceof HalfOpenConnections halfOpen) {
      openHalf(halfOpen);
    } else if (action instanceof CrowdPlan crowd) {
      register(crowd);
    } else {
      throw new IllegalStateException("no runner for " + action);
    }
  }

  private void replace(RollingReplace replace) throws InterruptedException {
    int[] positions = fleet.choose(replace.share());
    context.recordEvent("replace: replacing " + positions.length + " instances");
    context.runEvenly(positions, replace.overMs(), fleet::replace);
    context.recordEvent("replace: all " + positions.length + " replacements submitted");
  }

  private void reregister(RegistrationStorm storm) throws InterruptedException {
    int[] positions = fleet.choose(storm.share());
    context.recordEvent("reregister: " + positions.length + " instances register again");
    context.runEvenly(positions, storm.overMs(), fleet::reregister);
  }

  private void stopHeartbeats(StopHeartbeats stop) throws InterruptedException {
    int[] positions = fleet.choose(stop.share());
    evictions.onHeartbeatsStopped(positions.length);
    for (int position : positions) {
      fleet.stopHeartbeats(position);
    }
    context.recordEvent("stop-heartbeats: " + positions.length + " instances stopped");
  }

  private void resumeHeartbeats() throws InterruptedException {
    evictions.finish();
    int count = fleet.resumeHeartbeats();
    context.recordEvent("resume-heartbeats: " + count + " instances resumed");
  }

  private void flap(FlapInstances flap) throws InterruptedException {
    int[] positions = fleet.choose(flap.share());
    context.recordEvent("flap: " + positions.length + " instances start flapping");
    try {
      while (!Thread.interrupted()) {
        context.runEvenly(positions, flap.everyMs(), fleet::cancel);
        context.runEvenly(positions, flap.everyMs(), fleet::register);
      }
    } finally {
      for (int position : positions) {
        fleet.register(position);
      }
    }
  }

  private void read(ReaderPlan plan) {
    context.recordEvent("readers: " + plan.delta() + " delta, " + plan.full() + " full, "
        + plan.application() + " application, " + plan.vip() + " VIP address, every "
        + MetricUnit.ofMs(plan.everyMs()));
    var load = new ReadLoad(context.target(), plan.everyMs());
    load.add(plan.delta(), "/apps/", "/apps/delta");
    load.add(plan.full(), "/apps/", "/apps/");
    int applications = context.scenario().fleet().applications();
    for (int nth = 0; nth < plan.application(); nth++) {
      String path = "/apps/" + Fleet.application(nth % applications);
      load.add(1, path, path);
    }
    for (int nth = 0; nth < plan.vip(); nth++) {
      String path = "/vips/" + Fleet.application(nth % applications);
      load.add(1, path, path);
    }
    context.read(load);
  }

  private void register(CrowdPlan crowd) {
    context.recordEvent("crowd: " + crowd.clients() + " clients register over "
        + crowd.connections() + " connections");
    new RegistrationCrowd(context, crowd).begin();
  }

  private void openSlow(SlowConnections slow) {
    context.recordEvent("slow: " + slow.connections() + " connections at "
        + MetricUnit.COUNT.format(slow.bytesPerSec()) + " bytes/s");
    var connections = new MisbehavingConnections(context, "slow");
    for (int nth = 0; nth < slow.connections(); nth++) {
      connections.add(Behavior.SLOW, slow.bytesPerSec());
    }
    connections.begin();
  }

  private void openHalf(HalfOpenConnections halfOpen) {
    context.recordEvent("half-open: " + halfOpen.connections() + " connections");
    var connections = new MisbehavingConnections(context, "half-open");
    for (int nth = 0; nth < halfOpen.connections(); nth++) {
      connections.add(HALF_OPEN[nth % HALF_OPEN.length], MisbehavingConnections.UNBOUNDED);
    }
    connections.begin();
  }
}
