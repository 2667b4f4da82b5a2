// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.read.ReadLoad;
import io.systole.loadtest.read.Reads;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.runner.LoadSession;
import io.systole.loadtest.runner.LoadTestException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** Where actions are played: what they act on, and what they note. */
final class ScenarioContext implements AutoCloseable {
  /*
   *   begin --at the action's time--> play, on a thread of its own
   *   end:  no action begins any more, those that play are interrupted and waited for,
   *         then whatever asked for the end is told, in the order of asking
   *
   * Looks are taken on the one timer thread, so they must be short; actions may wait as they like.
   */
  private static final long END_SECS_MAX = 70;

  private final Scenario scenario;
  private final URI target;
  private final LoadSession session;
  private final FleetState fleet;
  private final RegistryReader registry;
  private final MetricValues findings = new MetricValues();
  private final EvictionMonitor evictions = new EvictionMonitor(this);
  private final RecoveryMonitor recovery = new RecoveryMonitor(this);
  private final Reads reads = new Reads();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "scenario-timer"));
  private final ExecutorService players =
      Executors.newCachedThreadPool(task -> daemon(task, "scenario"));
  private final List<Runnable> endings = new ArrayList<>();
  private final List<ReadLoad> readLoads = new ArrayList<>();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();

  ScenarioContext(Scenario scenario, URI target, LoadSession session, FleetState fleet) {
    this.scenario = scenario;
    this.target = target;
    this.session = session;
    this.fleet = fleet;
    this.registry = new RegistryReader(target);
  }

  private static Thread daemon(Runnable task, String name) {
    Thread thread = new Thread(task, name);
    thread.setDaemon(true);
    return thread;
  }

  Scenario scenario() {
    return scenario;
  }

  URI target() {
    return target;
  }

  LoadSession drive() {
    return session;
  }

  FleetState fleet() {
    return fleet;
  }

  RegistryReader registry() {
    return registry;
  }

  MetricValues findings() {
    return findings;
  }

  EvictionMonitor evictions() {
    return evictions;
  }

  RecoveryMonitor recovery() {
    return recovery;
  }

  /** Begins to read; the end of the window ends it. */
  synchronized void read(ReadLoad load) {
    readLoads.add(load);
    load.begin(reads);
  }

  /** Notes what was done or seen, at this moment. */
  void report(String what) {
    session.note(what);
  }

  /** Sets the time of all events, from now on. */
  void begin() {
    for (Scenario.TimedAction event : scenario.events()) {
      var unused = timer.schedule(() -> run(event.action()), event.atMs(), TimeUnit.MILLISECONDS);
    }
  }

  /** Plays an action now, on a thread of its own. */
  void run(ScenarioAction action) {
    players.execute(() -> {
      try {
        action.run(this);
      } catch (InterruptedException e) {
        // The window is over, and with it the action.
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        failure.compareAndSet(null, e);
      }
    });
  }

  /** Does one step after another, the first now and all within a time, evenly. */
  void spread(int[] positions, long overMs, IntConsumer step) throws InterruptedException {
    long startNs = System.nanoTime();
    long overNs = TimeUnit.MILLISECONDS.toNanos(overMs);
    for (int nth = 0; nth < positions.length; nth++) {
      long waitNs = startNs + (long) ((double) overNs * nth / positions.length) - System.nanoTime();
      // Shorter sleeps would cost more than the unevenness they avoid.
      if (waitNs > TimeUnit.MILLISECONDS.toNanos(1)) {
        TimeUnit.NANOSECONDS.sleep(waitNs);
      }
      step.accept(positions[nth]);
    }
    long leftNs = startNs + overNs - System.nanoTime();
    TimeUnit.NANOSECONDS.sleep(Math.max(0, leftNs));
  }

  /** Looks at something again and again until the end. */
  void look(long everyMs, Runnable look) {
    var unused = timer.scheduleAtFixedRate(
        () -> {
          try {
            look.run();
          } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
          }
        },
        everyMs,
        everyMs,
        TimeUnit.MILLISECONDS);
  }

  /** Has something done when the window is over. */
  synchronized void atEnd(Runnable ending) {
    endings.add(ending);
  }

  /** The window is over: ends all that is played. */
  void end() throws InterruptedException, LoadTestException {
    timer.shutdownNow();
    players.shutdownNow();
    boolean isOver = players.awaitTermination(END_SECS_MAX, TimeUnit.SECONDS)
        && timer.awaitTermination(END_SECS_MAX, TimeUnit.SECONDS);
    if (!isOver) {
      throw new LoadTestException(
          "an event did not end within " + END_SECS_MAX + " s of the window");
    }
    endReads();
    List<Runnable> requested;
    synchronized (this) {
      requested = List.copyOf(endings);
    }
    requested.forEach(Runnable::run);
    RuntimeException defect = failure.get();
    if (defect != null) {
      throw new LoadTestException("an event failed: " + defect.getMessage());
    }
  }

  /** Ends all reads and hands over what became of them. */
  private void endReads() throws InterruptedException {
    if (closeReadLoads() == 0) {
      return;
    }
    reads.drain(scenario.timeoutMs());
    Report.Reads all = reads.summary(0, 0);
    findings.put("readers.answered", all.answered());
    findings.put("readers.not200", all.bad() - all.failed());
    findings.put("readers.failed", all.failed());
    findings.put("readers.bytes", all.bytes());
    if (all.answered() > 0) {
      findings.put("readers.p50", all.p50Ms());
      findings.put("readers.p99", all.p99Ms());
      findings.put("readers.max", all.maxMs());
    }
  }

  private synchronized int closeReadLoads() {
    readLoads.forEach(ReadLoad::close);
    return readLoads.size();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    players.shutdownNow();
    closeReadLoads();
  }
}
