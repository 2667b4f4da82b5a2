// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.client.ClientState;
import io.systole.client.HeartbeatClient;
import io.systole.client.Pace;
import io.systole.loadtest.drive.Workload.Mode;
import io.systole.loadtest.record.Recorders;
import io.systole.loadtest.report.Report;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.target.ServerCounter;
import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Drives one workload from the first connection to the report. */
public final class LoadDriver {
  /*
   *   connect -> register -> [peak: rest, read counter, full speed] -> warm up -> measure -> drain
   *           -> [peak: rest, read counter] -> cancel -> close -> report
   *
   * endEarly, from any thread, cuts the waits of warming up and measuring short; what was measured
   * until then is reported.
   */
  private static final long POLL_MS = 10;
  private static final long REACH_MS_MAX = 2_000;
  private static final long GRACE_MS = 1_000;
  private static final long STALL_MS_MAX = 30_000;
  private static final long CANCEL_MS_MAX = 60_000;

  /** Registrations are large and slow beside beats, so more of them than of loops are worth it. */
  private static final int CHANGES_IN_FLIGHT_MAX = 256;

  private final Workload workload;
  private final Progress progress;
  private final Recorders recorders = new Recorders();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ReportMaker maker;
  private final HeartbeatClient client;

  /**
   * Begins to connect to the target; {@link #drive} ends what begins here.
   *
   * @throws IllegalArgumentException when the workload has something that cannot be driven
   */
  public LoadDriver(Workload workload, Progress progress) {
    this.workload = workload;
    this.progress = progress;
    this.maker = new ReportMaker(workload, recorders, Instant.now());
    this.client = client();
  }

  /** Ends warming up or measuring now; any thread. */
  public void endEarly() {
    ended.countDown();
  }

  /** Returns how many heartbeats were answered so far; any thread. */
  long answered() {
    return recorders.answered();
  }

  /** Drives the workload; returns when all is over, with nothing left open. */
  public Report drive() throws LoadFailed, InterruptedException {
    try (client) {
      reach();
      register();
      if (workload.mode() == Mode.PEAK) {
        peak();
      } else {
        measure();
      }
      if (!workload.keep()) {
        cancel();
      }
    } finally {
      progress.end();
    }
    return maker.make();
  }

  private HeartbeatClient client() {
    return HeartbeatClient.builder()
        .server(workload.target())
        .loops(workload.loops())
        .connections(workload.connections())
        .inFlightMax(workload.inFlight())
        .changesInFlightMax(CHANGES_IN_FLIGHT_MAX)
        .intervalMs(workload.intervalMs())
        .answerTimeoutMs(workload.answerTimeoutMs())
        .observers(recorders::add)
        .build();
  }

  private void reach() throws LoadFailed, InterruptedException {
    boolean isReached = await(REACH_MS_MAX, () -> state().connectionsOpen() > 0 || hasEnded());
    if (!isReached || hasEnded()) {
      throw new LoadFailed("cannot reach " + maker.target() + ": " + state().lastLoss());
    }
  }

  private void register() throws LoadFailed, InterruptedException {
    progress.begin("registering " + workload.instances() + " instances", 0);
    long startNs = System.nanoTime();
    Fleet fleet = new Fleet(workload.applications(), workload.intervalMs());
    for (int index = 0; index < workload.instances() && !hasEnded(); index++) {
      client.register(fleet.source(index));
    }
    long lastCount = 0;
    long lastNs = startNs;
    while (recorders.registered() < workload.instances()) {
      requireAcceptance();
      long nowNs = System.nanoTime();
      if (recorders.registered() != lastCount) {
        lastCount = recorders.registered();
        lastNs = nowNs;
      } else if (nowNs - lastNs > TimeUnit.MILLISECONDS.toNanos(STALL_MS_MAX)) {
        throw new LoadFailed("no registration was accepted for " + STALL_MS_MAX + " ms, after "
            + lastCount + "; last loss: " + state().lastLoss());
      }
      if (ended.await(POLL_MS, TimeUnit.MILLISECONDS)) {
        throw new LoadFailed("ended after " + lastCount + " registrations, nothing was measured");
      }
      progress.tell(lastCount, "registered", "");
    }
    requireAcceptance();
    maker.registered(System.nanoTime() - startNs);
    // A young generation full of sessions would be copied in the middle of what is measured.
    System.gc();
  }

  private void requireAcceptance() throws LoadFailed {
    var refusals = recorders.refusals();
    if (!refusals.isEmpty()) {
      StringBuilder message = new StringBuilder("server refused registration:");
      refusals.forEach((refusal, count) ->
          message.append(' ').append(refusal).append(" (").append(count).append(" times)"));
      throw new LoadFailed(message.toString());
    }
  }

  private void peak() throws InterruptedException {
    ServerCounter counter = new ServerCounter(workload.target());
    rest();
    OptionalLong before = counter.read();
    long oursBefore = recorders.answered(Report.RENEWED);
    client.pace(Pace.FULL_SPEED);
    measure();
    rest();
    OptionalLong after = counter.read();
    long ours = recorders.answered(Report.RENEWED) - oursBefore;
    maker.compared(new Comparison(difference(before, after), ours));
  }

  private static @Nullable Long difference(OptionalLong before, OptionalLong after) {
    return before.isPresent() && after.isPresent() ? after.getAsLong() - before.getAsLong() : null;
  }

  /** Lets what is under way come to its end, and nothing new begin. */
  private void rest() throws InterruptedException {
    client.pace(Pace.REST);
    await(2L * workload.answerTimeoutMs(), () -> isIdle(state()));
  }

  private static boolean isIdle(ClientState state) {
    return state.inFlight() == 0 && state.beatsWaiting() == 0 && state.changesWaiting() == 0;
  }

  private void measure() throws InterruptedException {
    progress.begin("warming up for " + workload.warmupMs() + " ms", recorders.answered());
    drive(workload.warmupMs());
    progress.begin("measuring for " + workload.durationMs() + " ms", recorders.answered());
    maker.begin();
    drive(workload.durationMs());
    maker.end();
    await(workload.answerTimeoutMs() + GRACE_MS, () -> recorders.windowOpen() == 0);
  }

  private void drive(long forMs) throws InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(forMs);
    long leftMs = forMs;
    while (leftMs > 0 && !ended.await(Math.min(leftMs, 10 * POLL_MS), TimeUnit.MILLISECONDS)) {
      ClientState state = state();
      progress.tell(
          recorders.answered(),
          "answers",
          ", alive " + state.alive() + ", waiting " + state.beatsWaiting() + ", failed "
              + recorders.failed());
      leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
    }
  }

  private void cancel() throws InterruptedException {
    progress.begin("cancelling " + workload.instances() + " instances", 0);
    var cancelled = client.cancelAll();
    await(CANCEL_MS_MAX, () -> {
      progress.tell(workload.instances() - state().instances(), "cancelled", "");
      return cancelled.isDone();
    });
  }

  private boolean hasEnded() {
    return ended.getCount() == 0;
  }

  private ClientState state() {
    return client.state().join();
  }

  /** Waits for a condition, at most so long; returns whether it came true. */
  private static boolean await(long msMax, BooleanSupplier condition) throws InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(msMax);
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - endNs >= 0) {
        return false;
      }
      Thread.sleep(POLL_MS);
    }
    return true;
  }
}
