// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.client.api.RegistrationEvent;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.report.RunOutcome;
import io.systole.loadtest.runner.Fleet;
import io.systole.loadtest.runner.LoadSession;
import io.systole.loadtest.runner.LoadTestException;
import io.systole.loadtest.runner.Progress;
import io.systole.loadtest.runner.ReportBuilder;
import io.systole.loadtest.runner.Traffic;
import io.systole.loadtest.runner.WindowResult;
import io.systole.loadtest.runner.Workload;
import io.systole.loadtest.scenario.Scenario.FleetPlan;
import io.systole.loadtest.scenario.Scenario.TimedAction;
import io.systole.loadtest.scenario.ScenarioAction.HalfOpenConnections;
import io.systole.loadtest.scenario.ScenarioAction.PartitionMembers;
import io.systole.loadtest.scenario.ScenarioAction.RestartNode;
import io.systole.loadtest.scenario.ScenarioAction.SignalNode;
import io.systole.loadtest.scenario.ScenarioAction.SlowConnections;
import io.systole.loadtest.scenario.ScenarioAction.StartNode;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/** Runs a scenario from the first connection to the report. */
public final class ScenarioRunner {
  /*
   *   connect -> register -> heartbeats -> watched nodes converge -> readers -> warm up
   *           -> measure, with the events -> end actions
   *           -> watched nodes converge again, audit registrations -> cancel -> close -> evaluate
   */
  private static final String P99_GROWTH = "p99.growth";

  private final Scenario scenario;
  private final List<URI> watch;
  private final Workload workload;
  private final List<Integer> memberProxies;
  private final Instant startedAt = Instant.now();
  private final LoadSession session;
  private final ScenarioContext context;
  private final Fleet fleet;
  private final FleetState fleetState;

  /** Heartbeats that received 404 although their instance was not cancelled. */
  private final LongAdder lost = new LongAdder();

  /**
   * Starts connecting to the target; {@link #run} closes the connections.
   *
   * @param lagMsMax maximum p99 lag of the generator itself, ms
   * @throws ScenarioParseException if the scenario is invalid
   * @throws IllegalArgumentException if another argument is invalid
   */
  public ScenarioRunner(ScenarioArguments arguments, int lagMsMax, Progress progress) {
    this.scenario = ScenarioReader.read(
        BuiltInScenarios.read(arguments.file()),
        arguments.isShort(),
        arguments.settings(),
        arguments.commands());
    this.memberProxies = arguments.memberProxies();
    this.watch = new ArrayList<>(scenario.watch());
    arguments.watch().forEach(url -> watch.add(ScenarioReader.serviceUrl(url)));
    FleetPlan plan = scenario.fleet();
    this.workload = Workload.builder(Workload.Mode.RUN, arguments.target())
        .fleet(plan.instances(), plan.applications(), plan.intervalMs())
        .load(scenario.connections(), scenario.inFlight(), scenario.loops())
        .spreadOver(scenario.isSpread() ? watch : List.of())
        .window(scenario.warmupMs(), scenario.durationMs())
        .limits(scenario.timeoutMs(), lagMsMax)
        .pid(arguments.pid())
        .traffic(Traffic.FIELD.withMetadataBytes(plan.metadataBytes()))
        .build();
    requireNodes(scenario, 1 + watch.size());
    requirePlain(scenario, arguments.target());
    this.session = new LoadSession(workload, progress, this::onEvent);
    this.fleet = new Fleet(
        plan.applications(), plan.intervalMs(), plan.leaseSecs(), 0, plan.metadataBytes());
    this.fleetState = new FleetState(session.client(), fleet, plan.instances());
    this.context = new ScenarioContext(scenario, arguments.target(), session, fleetState);
  }

  /** Rejects actions on nodes that are not given. */
  private void requireNodes(Scenario scenario, int nodes) {
    for (TimedAction event : scenario.events()) {
      if (event.action() instanceof RestartNode restart) {
        requireNode(scenario, "restarts", restart.node(), nodes);
      } else if (event.action() instanceof SignalNode signal) {
        requireNode(scenario, "signals", signal.node(), nodes);
      } else if (event.action() instanceof StartNode start) {
        requireNode(scenario, "starts", start.node(), nodes);
      } else if (event.action() instanceof PartitionMembers partition) {
        partition.nodes().forEach(node -> requireNode(scenario, "separates", node, nodes));
        requirePartition(scenario, partition, nodes);
      }
    }
  }

  private void requirePartition(Scenario scenario, PartitionMembers partition, int nodes) {
    if (memberProxies.size() != nodes) {
      throw new ScenarioParseException(scenario.name() + ": partition requires --member-proxies"
          + " with a port for each of the " + nodes + " nodes, got " + memberProxies.size());
    }
    if (partition.nodes().size() == nodes) {
      throw new ScenarioParseException(
          scenario.name() + ": separates all nodes, so there are no others to separate them from");
    }
  }

  private static void requireNode(Scenario scenario, String verb, int node, int nodes) {
    if (node > nodes) {
      throw new ScenarioParseException(scenario.name() + ": " + verb + " node " + node + " of "
          + nodes + "; --target is node 1, and each --watch adds one");
    }
  }

  /** Rejects actions that write to sockets themselves, if the target is reached over TLS. */
  private static void requirePlain(Scenario scenario, URI target) {
    for (TimedAction event : scenario.events()) {
      ScenarioAction action = event.action();
      boolean isPlain = action instanceof SlowConnections || action instanceof HalfOpenConnections;
      if (isPlain && MisbehavingConnections.isTls(target)) {
        throw new ScenarioParseException(
            scenario.name() + ": slow and half-open connections require an http target");
      }
    }
  }

  private void onEvent(RegistrationEvent event) {
    if (event instanceof RegistrationEvent.Lost) {
      lost.increment();
    }
  }

  /** Returns the required options of the target; empty if there are none. */
  public String needs() {
    return scenario.needs();
  }

  /** Ends the warm-up or the measurement. Thread-safe. */
  public void endEarly() {
    session.endEarly();
  }

  /** Runs the scenario; returns when everything is closed. */
  public Report run() throws LoadTestException, InterruptedException {
    try (session;
        context;
        PartitionControl partitions = partitions()) {
      session.awaitConnection();
      if (partitions != null) {
        partitions.awaitCluster();
      }
      Registrations registrations = session.register(fleet, fleetState::add);
      session.startHeartbeats();
      ConvergenceMonitor convergence = new ConvergenceMonitor(context, watch);
      ActionRunner actions = new ActionRunner(context, convergence, partitions);
      convergence.await("the fleet", scenario.settleMs());
      if (scenario.readers() != null) {
        actions.start(scenario.readers());
      }
      WindowResult calm = warmUp();
      long registeredBefore = session.recorders().registered();
      CountedRenewals counted =
          isExpected(ScenarioMetric.RENEWALS_COUNTED) ? countRenewals() : null;
      actions.schedule();
      WindowResult measured = session.measure(scenario.durationMs());
      long registered = session.recorders().registered() - registeredBefore;
      context.metrics().put("registered", registered);
      putGrowth(calm, measured);
      context.end();
      new RegistrationAudit(context).run();
      convergence.await("the final fleet", scenario.settleMs());
      if (counted != null) {
        counted.finish();
      }
      context.metrics().put("lost", lost.sum());
      session.cancel();
      return evaluate(ReportBuilder.report(
          workload,
          startedAt,
          registrations,
          measured,
          null,
          session.timeline(measured.startNs()),
          session.events(measured.startNs())));
    }
  }

  private @Nullable PartitionControl partitions() throws LoadTestException {
    boolean hasPartition =
        scenario.events().stream().anyMatch(event -> event.action() instanceof PartitionMembers);
    return hasPartition ? new PartitionControl(context, nodes(), memberProxies) : null;
  }

  /** Returns the service URLs of all nodes, in the order of their numbers. */
  private List<URI> nodes() {
    List<URI> nodes = new ArrayList<>(watch);
    nodes.add(0, context.target());
    return nodes;
  }

  private boolean isExpected(String metric) {
    return scenario.expectations().stream()
        .anyMatch(expectation -> expectation.metric().name().equals(metric));
  }

  private CountedRenewals countRenewals() throws InterruptedException {
    return new CountedRenewals(context, nodes());
  }

  /** Runs the warm-up; measures it if its latencies are expected to be compared. */
  private @Nullable WindowResult warmUp() throws InterruptedException {
    if (scenario.warmupMs() > 0 && isExpected(P99_GROWTH)) {
      return session.measure(scenario.warmupMs());
    }
    session.runFor("warming up", scenario.warmupMs());
    return null;
  }

  private void putGrowth(@Nullable WindowResult calm, WindowResult measured) {
    if (calm != null && calm.window().hasLatencyAt(99) && measured.window().hasLatencyAt(99)) {
      double calmMs = calm.window().fromDue().p99Ms();
      context.metrics().put(P99_GROWTH, measured.window().fromDue().p99Ms() / calmMs);
      context.recordEvent("p99 of the warm-up: " + MetricUnit.DURATION.format(calmMs));
    }
  }

  private Report evaluate(Report report) {
    List<ReportExpectation> expectations = scenario.expectations().stream()
        .map(expectation -> expectation.evaluate(report, context.metrics()))
        .toList();
    return RunOutcome.evaluated(
        report.named(scenario.name() + " " + workload.address()), expectations);
  }
}
