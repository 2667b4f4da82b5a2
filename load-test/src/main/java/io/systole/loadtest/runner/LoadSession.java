// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.ClientBuilder;
import io.systole.client.ClientState;
import io.systole.client.HeartbeatClient;
import io.systole.client.Registration;
import io.systole.client.SendMode;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.runner.Workload.Mode;
import io.systole.loadtest.stats.Recorders;
import io.systole.loadtest.target.ProcessMeter;
import io.systole.loadtest.target.TargetMetrics;
import io.systole.protocol.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A fleet at a target, and the steps that can be taken with it. Steps come from one thread; only
 * {@link #endEarly} and {@link #note} may come from others.
 */
public final class LoadSession implements AutoCloseable {
  private static final long POLL_MS = 10;
  private static final long REACH_MS_MAX = 2_000;
  private static final long GRACE_MS = 1_000;
  static final long STALL_MS_MAX = 30_000;
  private static final long CANCEL_MS_MAX = 60_000;
  private static final double NS_PER_SEC = 1e9;

  /** What a restart takes is the target's, so it must not be the client's patience. */
  private static final int RECONNECT_MS_MIN = 50;

  private static final int RECONNECT_MS_MAX = 500;

  /** Registrations are large and slow beside beats, so more of them than of loops are worth it. */
  private static final int CHANGES_IN_FLIGHT_MAX = 256;

  /** As many as the client takes: never. */
  private static final int OVERDUE_MAX = 65_536;

  private final Workload workload;
  private final long stallMsMax;
  private final Progress progress;
  private final Recorders recorders = new Recorders();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final TargetMetrics counter;
  private final @Nullable ProcessMeter target;
  private final HeartbeatClient client;
  private final Sampler sampler;
  private final @Nullable DeltaReaders readers;

  private int intervalMs;
  private OptionalLong counted = OptionalLong.empty();
  private long renewedBefore;
  private int restartsBefore;

  /**
   * Begins to connect to the target.
   *
   * @throws IllegalArgumentException when the workload has something that cannot be driven
   */
  public LoadSession(Workload workload, Progress progress) {
    this(workload, progress, Clock.SYSTEM, STALL_MS_MAX);
  }

  /**
   * Begins to connect to the target, for a test.
   *
   * @param clock of the event loops, which a test may hold up by it
   * @param stallMsMax after which registering fails when none was accepted
   */
  LoadSession(Workload workload, Progress progress, Clock clock, long stallMsMax) {
    this.stallMsMax = stallMsMax;
    this.workload = workload;
    this.progress = progress;
    this.intervalMs = workload.intervalMs();
    this.target = workload.pid().isPresent() ? ProcessMeter.of(workload.pid().getAsLong()) : null;
    this.counter = new TargetMetrics(workload.target());
    ClientBuilder builder = HeartbeatClient.builder()
        .server(workload.target())
        .loops(workload.loops())
        .connections(workload.connections())
        .inFlightMax(workload.inFlight())
        .changesInFlightMax(CHANGES_IN_FLIGHT_MAX)
        // A fleet is registered as fast as the target takes it: that is one of the figures.
        .changesPerSecMax(0)
        // What the target does to a beat is told once, and does not slow the next one down.
        .beatAgain(false)
        .retryAfterMax(Duration.ZERO)
        // There is no other server to go to: a connection that times out takes no other with it.
        .overdueMax(OVERDUE_MAX)
        // Each connection stands for another client, which has no session to resume.
        .tlsResumption(false)
        .cancelOnClose(false)
        .reconnectDelay(Duration.ofMillis(RECONNECT_MS_MIN), Duration.ofMillis(RECONNECT_MS_MAX))
        .interval(Duration.ofMillis(workload.intervalMs()))
        .responseTimeout(Duration.ofMillis(workload.responseTimeoutMs()))
        .observers(recorders::add)
        .clock(clock);
    shape(builder, workload.traffic());
    this.client = builder.build();
    this.readers = DeltaReaders.of(workload);
    this.sampler = new Sampler(client, recorders, target, new TargetMetrics(workload.target()));
    sampler.start();
  }

  private static void shape(ClientBuilder builder, Traffic traffic) {
    builder
        .localAddresses(traffic.sources())
        .arrivals(traffic.arrivals())
        .connectionPerInstance(traffic.isConnectionPerInstance())
        .connectionAgeMax(traffic.connectionAgeMax());
    if (!traffic.isBatched()) {
      builder.beatsPerWriteMax(1);
    }
    if (traffic.hasStockHeaders()) {
      StockHeaders.addTo(builder);
    }
  }

  /** Cuts short whatever waits for time to pass. */
  public void endEarly() {
    ended.countDown();
  }

  /** Says whether it was told to end early. */
  public boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /** Returns how many heartbeats were answered so far; any thread. */
  long answered() {
    return recorders.answered();
  }

  /** Notes on the timeline that something was done. */
  public void note(String what) {
    sampler.note(what);
  }

  /** Waits for the first connection. */
  public void reach() throws LoadTestException, InterruptedException {
    boolean isReached = await(REACH_MS_MAX, () -> state().connectionsOpen() > 0 || hasEnded());
    if (hasEnded()) {
      throw new LoadTestException("ended before the first connection, nothing was measured");
    }
    if (!isReached) {
      String loss = state().lastLoss();
      throw new LoadTestException("cannot reach " + workload.address() + ": "
          + (loss.isEmpty() ? "no connection opened within " + REACH_MS_MAX + " ms" : loss));
    }
  }

  /** Registers the whole fleet and waits until the target has accepted it. */
  public Registrations register() throws LoadTestException, InterruptedException {
    return register(Fleet.of(workload), registration -> {});
  }

  /** The same of another fleet, each of whose registrations is handed out in order. */
  public Registrations register(Fleet fleet, Consumer<Registration> each)
      throws LoadTestException, InterruptedException {
    progress.beginCounted(
        "registering " + workload.instances() + " instances", workload.instances());
    // A target that cannot take the rate would not get round to registrations beside it.
    client.pace(SendMode.REST);
    long startNs = System.nanoTime();
    for (int index = 0; index < workload.instances() && !hasEnded(); index++) {
      each.accept(client.register(fleet.source(index)));
    }
    awaitRegistered(startNs, fleet.keepAliveMs());
    requireAcceptance();
    double secs = (System.nanoTime() - startNs) / NS_PER_SEC;
    // A young generation full of sessions would be copied in the middle of what is measured.
    System.gc();
    int instances = workload.instances();
    long failures = recorders.registrationsFailed().values().stream()
        .mapToLong(Long::longValue)
        .sum();
    return new Registrations(instances, secs, instances / secs, failures);
  }

  /** The leases of a fleet that takes long to register are kept alive, as seldom as that needs. */
  private void awaitRegistered(long startNs, int keepAliveMs)
      throws LoadTestException, InterruptedException {
    long lastCount = 0;
    long lastNs = startNs;
    boolean isKeptAlive = false;
    while (recorders.registered() < workload.instances()) {
      requireAcceptance();
      long nowNs = System.nanoTime();
      if (recorders.registered() != lastCount) {
        lastCount = recorders.registered();
        lastNs = nowNs;
      } else if (nowNs - lastNs > TimeUnit.MILLISECONDS.toNanos(stallMsMax)) {
        throw new LoadTestException(RegistrationStall.describe(
            stallMsMax, lastCount, state(), recorders.registrationsFailed()));
      }
      if (!isKeptAlive && nowNs - startNs > TimeUnit.MILLISECONDS.toNanos(keepAliveMs)) {
        isKeptAlive = true;
        client.interval(Duration.ofMillis(keepAliveMs));
        client.pace(SendMode.INTERVAL);
      }
      if (ended.await(POLL_MS, TimeUnit.MILLISECONDS)) {
        throw new LoadTestException(
            "ended after " + lastCount + " registrations, nothing was measured");
      }
      progress.report(lastCount, "registered");
    }
  }

  private void requireAcceptance() throws LoadTestException {
    var refusals = recorders.refusals();
    if (!refusals.isEmpty()) {
      StringBuilder message = new StringBuilder("server refused registration:");
      refusals.forEach((refusal, count) ->
          message.append(' ').append(refusal).append(" (").append(count).append(" times)"));
      throw new LoadTestException(message.toString());
    }
  }

  /** Begins to compare what the target counts with what it answers: a moment of rest. */
  public void beginComparison() throws InterruptedException {
    rest();
    counted = counter.read().renewals();
    renewedBefore = recorders.snapshot().renewed();
    restartsBefore = sampler.targetRestarts();
  }

  /** Ends the comparison, after a moment of rest; the fleet rests until it is told otherwise. */
  public Comparison endComparison() throws InterruptedException {
    rest();
    OptionalLong after = counter.read().renewals();
    long ours = recorders.snapshot().renewed() - renewedBefore;
    boolean isKnown = counted.isPresent() && after.isPresent();
    long server = isKnown ? after.getAsLong() - counted.getAsLong() : -1;
    if (isKnown && server < 0 && sampler.targetRestarts() == restartsBefore) {
      note("the target's count of renewals fell from " + counted.getAsLong() + " to "
          + after.getAsLong() + ": it was restarted");
    }
    boolean isOneCount = server >= 0 && sampler.targetRestarts() == restartsBefore;
    return new Comparison(isOneCount ? server : null, ours);
  }

  /** Lets what is under way come to its end, and nothing new begin. */
  public void rest() throws InterruptedException {
    client.pace(SendMode.REST);
    await(2L * workload.responseTimeoutMs(), () -> isIdle(state()));
  }

  private static boolean isIdle(ClientState state) {
    return state.inFlight() == 0 && state.beatsWaiting() == 0 && state.changesWaiting() == 0;
  }

  /** Beats from now on as the mode says, the fleet spread evenly over its interval. */
  public void beat() {
    if (readers != null) {
      readers.begin();
    }
    client.interval(Duration.ofMillis(intervalMs));
    client.pace(workload.mode() == Mode.PEAK ? SendMode.FULL_SPEED : SendMode.INTERVAL);
  }

  /** Sets the interval of every instance, 1..86_400_000 ms; takes effect with {@link #beat}. */
  public void intervalMs(int nextMs) {
    intervalMs = nextMs;
  }

  /** Lets time pass, measuring nothing. */
  public void pass(String phase, long forMs) throws InterruptedException {
    progress.beginTimed(phase, recorders.answered(), forMs);
    watch(forMs);
  }

  /** Measures for so long, and waits for the answers that are still to come. */
  public WindowResult measure(long forMs) throws InterruptedException {
    return measure(forMs, null);
  }

  /**
   * The same, of a window that begins at a time.
   *
   * @param startAt null, or one too near, begins it at once
   */
  WindowResult measure(long forMs, @Nullable Instant startAt) throws InterruptedException {
    progress.beginTimed("measuring", recorders.answered(), forMs);
    if (readers != null) {
      readers.openWindow();
    }
    MeasurementWindow measurement =
        new MeasurementWindow(recorders, sampler, target, workload, forMs, startAt);
    watch(forMs);
    WindowResult measured = measurement.end(
        () -> settle(measurement),
        workload.mode() == Mode.PEAK
            ? GeneratorMonitor::ofPeak
            : seen -> GeneratorMonitor.ofRun(seen, workload.lagMsMax(), intervalMs));
    return readers == null ? measured : measured.with(readers.outcome());
  }

  private void settle(MeasurementWindow measurement) throws InterruptedException {
    if (readers != null) {
      readers.closeWindow();
    }
    await(workload.responseTimeoutMs() + GRACE_MS, () -> measurement.open() == 0);
    recorders.close();
    // Every loop takes a turn for this; from then on none writes what is about to be read.
    state();
  }

  private void watch(long forMs) throws InterruptedException {
    long endNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(forMs);
    long leftMs = forMs;
    while (leftMs > 0 && !ended.await(Math.min(leftMs, 10 * POLL_MS), TimeUnit.MILLISECONDS)) {
      Sample latest = sampler.latest();
      if (latest != null) {
        progress.report(recorders.answered(), latest);
      }
      leftMs = TimeUnit.NANOSECONDS.toMillis(endNs - System.nanoTime());
    }
  }

  /** Cancels the whole fleet. */
  public void cancel() throws InterruptedException {
    progress.beginCounted(
        "cancelling " + workload.instances() + " instances", workload.instances());
    var cancelled = client.cancelAll();
    await(CANCEL_MS_MAX, () -> {
      progress.report(workload.instances() - state().instances(), "cancelled");
      return cancelled.isDone();
    });
  }

  /** Returns what was seen so far, second by second, with times from a moment on. */
  public List<Sample> timeline(long zeroNs) {
    return sampler.timeline(zeroNs);
  }

  /** Returns what was noted so far, with times from a moment on. */
  public List<Event> events(long zeroNs) {
    return sampler.events(zeroNs);
  }

  @Override
  public void close() {
    progress.end();
    if (readers != null) {
      readers.close();
    }
    sampler.close();
    client.close();
  }

  /** Returns what holds the fleet; its owner is this drive. */
  public HeartbeatClient client() {
    return client;
  }

  /** Returns what the client's event loops have seen. */
  public Recorders recorders() {
    return recorders;
  }

  /** Takes stock of the client. */
  public ClientState state() {
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
