// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.stats.Recorders;
import io.systole.loadtest.stats.StatsSnapshot;
import java.util.concurrent.TimeUnit;

/** A monitor of the fleet's recovery from a restart of the target. */
final class RecoveryMonitor {
  /*
   *   kill starts ----------- first 200 ------------- last disturbance
   *        |---- outage ---------|                           |
   *        |---- recovery -----------------------------------|
   *
   * A disturbance is a heartbeat that fails or receives another status than 200, or an instance
   * that is not registered. All state is guarded by this object.
   */
  private static final long POLL_MS = 10;
  private static final double NS_PER_MS = 1e6;

  private final ScenarioContext context;
  private boolean isWatching;
  private boolean isStarting;
  private boolean hasRenewed;
  private boolean isFleetRegistered;
  private long killNs;
  private long disturbedNs;
  private long renewed;
  private long errors;

  RecoveryMonitor(ScenarioContext context) {
    this.context = context;
  }

  /** Called before the target is killed. */
  synchronized void onKill() {
    killNs = System.nanoTime();
    disturbedNs = killNs;
    hasRenewed = false;
    isStarting = false;
    errors = errors();
    if (!isWatching) {
      isWatching = true;
      context.poll(POLL_MS, this::poll);
      context.onEnd(this::finish);
    }
  }

  /** Called after the target has exited, before it is started. */
  synchronized void onStart() {
    renewed = recorders().snapshot().renewed();
    isStarting = true;
  }

  private synchronized void poll() {
    long nowNs = System.nanoTime();
    long errorsNow = errors();
    isFleetRegistered = context.session().state().alive() >= context.fleet().registeredCount();
    if (errorsNow != errors || !isFleetRegistered || !hasRenewed) {
      disturbedNs = nowNs;
    }
    errors = errorsNow;
    if (isStarting && !hasRenewed && recorders().snapshot().renewed() > renewed) {
      hasRenewed = true;
      double outageMs = (nowNs - killNs) / NS_PER_MS;
      context.metrics().putGreatest("outage", outageMs);
      context.recordEvent("restart: the target renews again, "
          + MetricUnit.ofMs(Math.round(outageMs)) + " after the kill");
    }
  }

  /** Called at the end of the window; waits for the recovery, at most the settle time. */
  private void finish() {
    long endNs =
        System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(context.scenario().settleMs());
    try {
      while (!hasRecovered() && System.nanoTime() - endNs < 0) {
        TimeUnit.MILLISECONDS.sleep(POLL_MS);
        poll();
      }
      reportRecovery();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean hasRecovered() {
    return hasRenewed && isFleetRegistered;
  }

  private synchronized void reportRecovery() {
    if (!hasRecovered()) {
      context.recordEvent("restart: the fleet did not recover within the settle time");
      return;
    }
    long ms = TimeUnit.NANOSECONDS.toMillis(disturbedNs - killNs);
    context.metrics().putGreatest("recovery", (double) ms);
    context.recordEvent("restart: the fleet recovered " + MetricUnit.ofMs(ms) + " after the kill");
  }

  private long errors() {
    StatsSnapshot counted = recorders().snapshot();
    return counted.answered() - counted.renewed() + counted.failed();
  }

  private Recorders recorders() {
    return context.session().recorders();
  }
}
