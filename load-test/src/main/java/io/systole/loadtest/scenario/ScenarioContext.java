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

/** The environment of a scenario's actions: the session, the fleet, metrics and timed tasks. */
final class ScenarioContext implements AutoCloseable {
  /*
   *   schedule --delay--> start: a task runs on its own thread
   *   end: no further task starts, running ones are interrupted and awaited, then the end tasks
   *        run in order of registration
   *
   * Polls run on the single timer thread and must be short; other tasks may block.
   */
  private static final long END_SECS_MAX = 70;

  /** A task that is interrupted at the end of the window. */
  interface Task {
    void run() throws InterruptedException;
  }

  private final Scenario scenario;
  private final URI target;
  private final LoadSession session;
  private final FleetState fleet;
  private final RegistryReader registry;
  private final MetricValues metrics = new MetricValues();
  private final Reads reads = new Reads();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(task -> daemon(task, "scenario-timer"));
  private final ExecutorService executor =
      Executors.newCachedThreadPool(task -> daemon(task, "scenario"));
  private final List<Runnable> endTasks = new ArrayList<>();
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

  LoadSession session() {
    return session;
  }

  FleetState fleet() {
    return fleet;
  }

  RegistryReader registry() {
    return registry;
  }

  MetricValues metrics() {
    return metrics;
  }

  /** Starts a read load; the end of the window ends it. */
  synchronized void read(ReadLoad load) {
    readLoads.add(load);
    load.begin(reads);
  }

  /** Adds an event to the timeline. */
  void recordEvent(String text) {
    session.recordEvent(text);
  }

  /** Starts a task after a delay, on its own thread. */
  void schedule(long delayMs, Task task) {
    var unused = timer.schedule(() -> start(task), delayMs, TimeUnit.MILLISECONDS);
  }

  /** Starts a task now, on its own thread. */
  void start(Task task) {
    executor.execute(() -> {
      try {
        task.run();
      } catch (InterruptedException e) {
        // The window has ended.
        Thread.currentThread().interrupt();
      } catch (RuntimeException e) {
        failure.compareAndSet(null, e);
      }
    });
  }

  /** Runs a step for each position, the first now and all evenly distributed over a time. */
  void runEvenly(int[] positions, long overMs, IntConsumer step) throws InterruptedException {
    long startNs = System.nanoTime();
    long overNs = TimeUnit.MILLISECONDS.toNanos(overMs);
    for (int nth = 0; nth < positions.length; nth++) {
      long waitNs = startNs + (long) ((double) overNs * nth / positions.length) - System.nanoTime();
      // Shorter sleeps cost more than the unevenness they avoid.
      if (waitNs > TimeUnit.MILLISECONDS.toNanos(1)) {
        TimeUnit.NANOSECONDS.sleep(waitNs);
      }
      step.accept(positions[nth]);
    }
    long leftNs = startNs + overNs - System.nanoTime();
    TimeUnit.NANOSECONDS.sleep(Math.max(0, leftNs));
  }

  /** Runs a task periodically until the end of the window. */
  void poll(long everyMs, Runnable task) {
    var unused = timer.scheduleAtFixedRate(
        () -> {
          try {
            task.run();
          } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
          }
        },
        everyMs,
        everyMs,
        TimeUnit.MILLISECONDS);
  }

  /** Registers a task to run at the end of the window. */
  synchronized void onEnd(Runnable task) {
    endTasks.add(task);
  }

  /** Ends all actions and runs the end tasks. */
  void end() throws InterruptedException, LoadTestException {
    timer.shutdownNow();
    executor.shutdownNow();
    boolean hasTerminated = executor.awaitTermination(END_SECS_MAX, TimeUnit.SECONDS)
        && timer.awaitTermination(END_SECS_MAX, TimeUnit.SECONDS);
    if (!hasTerminated) {
      throw new LoadTestException(
          "an action did not end within " + END_SECS_MAX + " s of the window");
    }
    endReads();
    List<Runnable> tasks;
    synchronized (this) {
      tasks = List.copyOf(endTasks);
    }
    tasks.forEach(Runnable::run);
    RuntimeException defect = failure.get();
    if (defect != null) {
      throw new LoadTestException("an action failed: " + defect.getMessage());
    }
  }

  /** Ends all reads and publishes their metrics. */
  private void endReads() throws InterruptedException {
    if (closeReadLoads() == 0) {
      return;
    }
    reads.drain(scenario.timeoutMs());
    Report.Reads all = reads.summary(0, 0);
    metrics.put("readers.answered", all.answered());
    metrics.put("readers.not200", all.unsuccessful() - all.failed());
    metrics.put("readers.failed", all.failed());
    metrics.put("readers.bytes", all.bytes());
    if (all.answered() > 0) {
      metrics.put("readers.p50", all.p50Ms());
      metrics.put("readers.p99", all.p99Ms());
      metrics.put("readers.max", all.maxMs());
    }
  }

  private synchronized int closeReadLoads() {
    readLoads.forEach(ReadLoad::close);
    return readLoads.size();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    executor.shutdownNow();
    closeReadLoads();
  }
}
