// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.ReportExpectation;
import io.systole.loadtest.runner.Fleet;
import io.systole.loadtest.runner.LoadSession;
import io.systole.loadtest.runner.LoadTestException;
import io.systole.loadtest.runner.Progress;
import io.systole.loadtest.runner.ReportBuilder;
import io.systole.loadtest.runner.Traffic;
import io.systole.loadtest.runner.WindowResult;
import io.systole.loadtest.runner.Workload;
import io.systole.loadtest.scenario.Scenario.FleetPlan;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Plays one scenario from the first connection to the report. */
public final class ScenarioRunner {
  /*
   *   connect -> register -> beat -> watched nodes converge -> readers -> warm up
   *           -> measure, the events beside it -> end what is played
   *           -> watched nodes converge again, count who was kept -> cancel -> close -> judge
   */
  private final Scenario scenario;
  private final List<URI> watch;
  private final Workload workload;
  private final Instant startedAt = Instant.now();
  private final LoadSession session;
  private final ScenarioContext context;
  private final Fleet fleet;
  private final FleetState population;

  /**
   * Begins to connect to the target; {@link #run} ends what begins here.
   *
   * @param lagMsMax that the generator itself may be late at p99, ms
   * @throws ScenarioParseException when the scenario cannot be played as it is written
   * @throws IllegalArgumentException when the request has something that cannot be driven
   */
  public ScenarioRunner(ScenarioArguments request, int lagMsMax, Progress progress) {
    this.scenario = ScenarioReader.read(
        BuiltInScenarios.read(request.file()),
        request.isShort(),
        request.settings(),
        request.commands());
    this.watch = new ArrayList<>(scenario.watch());
    request.watch().forEach(url -> watch.add(ScenarioReader.serviceUrl(url)));
    FleetPlan plan = scenario.fleet();
    this.workload = new Workload(
        Workload.Mode.RUN,
        request.target(),
        plan.instances(),
        plan.applications(),
        plan.intervalMs(),
        scenario.connections(),
        scenario.inFlight(),
        scenario.loops(),
        scenario.warmupMs(),
        scenario.durationMs(),
        scenario.timeoutMs(),
        lagMsMax,
        false,
        request.pid(),
        Traffic.FIELD.withMetadataBytes(plan.metadataBytes()),
        false);
    this.session = new LoadSession(workload, progress);
    this.fleet = new Fleet(
        plan.applications(), plan.intervalMs(), plan.leaseSecs(), 0, plan.metadataBytes());
    this.population = new FleetState(session.client(), fleet, plan.instances());
    this.context = new ScenarioContext(scenario, request.target(), session, population);
  }

  /** Returns what the target must be like for the scenario to pass; empty for any target. */
  public String needs() {
    return scenario.needs();
  }

  /** Ends warming up or measuring now; any thread. */
  public void endEarly() {
    session.endEarly();
  }

  /** Plays it; returns when all is over, with nothing left open. */
  public Report run() throws LoadTestException, InterruptedException {
    try (session;
        context) {
      session.reach();
      Registrations registrations = session.register(fleet, population::add);
      session.beat();
      ConvergenceMonitor convergence = new ConvergenceMonitor(context, watch);
      convergence.await("the fleet", scenario.settleMs());
      if (scenario.readers() != null) {
        context.run(scenario.readers());
      }
      session.pass("warming up", scenario.warmupMs());
      long registeredBefore = session.recorders().registered();
      context.begin();
      WindowResult measured = session.measure(scenario.durationMs());
      long registered = session.recorders().registered() - registeredBefore;
      context.findings().put("registered", registered);
      context.end();
      new RegistrationAudit(context).take();
      convergence.await("the fleet as it was in the end", scenario.settleMs());
      session.cancel();
      return judged(ReportBuilder.report(
          workload,
          startedAt,
          registrations,
          measured,
          null,
          session.timeline(measured.startNs()),
          session.events(measured.startNs())));
    }
  }

  private Report judged(Report report) {
    List<ReportExpectation> expectations = scenario.expectations().stream()
        .map(clause -> clause.judge(report, context.findings()))
        .toList();
    return report.named(scenario.name() + " " + workload.address()).judged(expectations);
  }
}
