// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.stats.Recorders;
import io.systole.loadtest.stats.StatsSnapshot;
import java.util.concurrent.TimeUnit;

/** Watches how a fleet gets over the restart of its target. */
final class RecoveryMonitor {
  /*
   *   kill begins ----------- first 200 ------------- last disturbance
   *        |---- outage ---------|                           |
   *        |---- recovery -----------------------------------|
   *
   * A disturbance is a beat that fails or is answered anything but 200, or an instance that is not
   * registered. All state is guarded by this object.
   */
  private static final long LOOK_MS = 10;
  private static final double NS_PER_MS = 1e6;

  private final ScenarioContext context;
  private boolean isWatching;
  private boolean isStarting;
  private boolean hasAnswered;
  private boolean isWhole;
  private long killNs;
  private long disturbedNs;
  private long renewed;
  private long troubles;

  RecoveryMonitor(ScenarioContext context) {
    this.context = context;
  }

  /** The target is about to be killed. */
  synchronized void begin() {
    killNs = System.nanoTime();
    disturbedNs = killNs;
    hasAnswered = false;
    isStarting = false;
    troubles = troubles();
    if (!isWatching) {
      isWatching = true;
      context.look(LOOK_MS, this::look);
      context.atEnd(this::conclude);
    }
  }

  /** The target is gone, and about to be started. */
  synchronized void starting() {
    renewed = recorders().snapshot().renewed();
    isStarting = true;
  }

  private synchronized void look() {
    long nowNs = System.nanoTime();
    long troublesNow = troubles();
    isWhole = context.drive().state().alive() >= context.fleet().present();
    if (troublesNow != troubles || !isWhole || !hasAnswered) {
      disturbedNs = nowNs;
    }
    troubles = troublesNow;
    if (isStarting && !hasAnswered && recorders().snapshot().renewed() > renewed) {
      hasAnswered = true;
      double outageMs = (nowNs - killNs) / NS_PER_MS;
      context.findings().putGreatest("outage", outageMs);
      context.report("restart: the target renews again, " + MetricUnit.ofMs(Math.round(outageMs))
          + " after the kill");
    }
  }

  /**
   * The window is over; a fleet that is about to recover is given time to, for the figure's sake.
   */
  private void conclude() {
    long endNs =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(context.scenario().settleMs());
    try {
      while (!hasRecovered() && System.nanoTime() - endNs < 0) {
        TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        look();
      }
      report();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean hasRecovered() {
    return hasAnswered && isWhole;
  }

  private synchronized void report() {
    if (!hasRecovered()) {
      context.report("restart: the fleet had not recovered when the time to settle was over");
      return;
    }
    long ms = TimeUnit.NANOSECONDS.toMillis(disturbedNs - killNs);
    context.findings().putGreatest("recovery", (double) ms);
    context.report("restart: the last instance felt it " + MetricUnit.ofMs(ms) + " after the kill");
  }

  private long troubles() {
    StatsSnapshot counted = recorders().snapshot();
    return counted.answered() - counted.renewed() + counted.failed();
  }

  private Recorders recorders() {
    return context.drive().recorders();
  }
}
