// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.ClientBuilder;
import io.systole.client.ClientState;
import io.systole.client.HeartbeatClient;
import io.systole.client.Registration;
import io.systole.client.SendMode;
import io.systole.client.api.RegistrationListener;
import io.systole.loadtest.report.Report.Comparison;
import io.systole.loadtest.report.Report.Event;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.report.Report.Sample;
import io.systole.loadtest.runner.Workload.Mode;
import io.systole.loadtest.stats.Recorders;
import io.systole.loadtest.target.ProcessMeter;
import io.systole.loadtest.target.TargetMetrics;
import io.systole.protocol.time.Clock;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A fleet connected to a target, with the steps of a load run. Steps are called from one thread;
 * only {@link #endEarly} and {@link #recordEvent} are thread-safe.
 */
public final class LoadSession implements AutoCloseable {
  private static final long POLL_MS = 10;
  private static final long CONNECT_MS_MAX = 2_000;

  /** Covers a TLS handshake of a JVM that has just started on a busy machine. */
  private static final long HANDSHAKE_MS_MAX = 8_000;

  private static final long DRAIN_GRACE_MS = 1_000;
  static final long STALL_MS_MAX = 30_000;
  private static final long CANCEL_MS_MAX = 60_000;

  /**
   * Time beyond the response timeout without a confirmed cancel: the target is gone, and the report
   * must not wait for it.
   */
  private static final long CANCEL_STALL_MS_MAX = 2_000;

  /**
   * Short, so that an outage is measured as the target's and not as the client's reconnect delay.
   */
  private static final int RECONNECT_MS_MIN = 50;

  private static final int RECONNECT_MS_MAX = 500;

  /**
   * Registrations are large and slow compared with heartbeats, which justifies more than one per
   * loop.
   */
  private static final int CHANGES_IN_FLIGHT_MAX = 256;

  /** The client's maximum, which disables closing connections because of overdue responses. */
  private static final int OVERDUE_MAX = 65_536;

  /** A server with an overdue response may be frozen, and others serve its instances. */
  private static final int OVERDUE_MAX_WITH_ALTERNATIVES = 1;

  private final Workload workload;
  private final long stallMsMax;
  private final Progress progress;
  private final Recorders recorders = new Recorders();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final TargetMetrics targetMetrics;
  private final @Nullable ProcessMeter target;
  private final HeartbeatClient client;
  private final Sampler sampler;
  private final @Nullable DeltaReaders readers;

  private int intervalMs;
  private OptionalLong targetRenewalsBefore = OptionalLong.empty();
  private String renewalsMissing = "";
  private long renewedBefore;
  private int restartsBefore;

  /**
   * Starts connecting to the target.
   *
   * @throws IllegalArgumentException if the workload is invalid
   */
  public LoadSession(Workload workload, Progress progress) {
    this(workload, progress, Clock.SYSTEM, STALL_MS_MAX);
  }

  /**
   * Starts connecting to the target.
   *
   * @param listener receives the events of all instances on the event loops
   * @throws IllegalArgumentException if the workload is invalid
   */
  public LoadSession(Workload workload, Progress progress, RegistrationListener listener) {
    this(workload, progress, Clock.SYSTEM, STALL_MS_MAX, listener);
  }

  /**
   * Starts connecting to the target; for tests.
   *
   * @param clock of the event loops
   * @param stallMsMax time without an accepted registration after which {@link #register} fails
   */
  LoadSession(Workload workload, Progress progress, Clock clock, long stallMsMax) {
    this(workload, progress, clock, stallMsMax, null);
  }

  private LoadSession(
      Workload workload,
      Progress progress,
      Clock clock,
      long stallMsMax,
      @Nullable RegistrationListener listener) {
    this.stallMsMax = stallMsMax;
    this.workload = workload;
    this.progress = progress;
    this.intervalMs = workload.intervalMs();
    this.target = workload.pid().isPresent() ? ProcessMeter.of(workload.pid().getAsLong()) : null;
    this.targetMetrics = new TargetMetrics(workload.target());
    ClientBuilder builder = new ClientBuilder()
        .servers(servers(workload))
        .serverPerLoop(true)
        .loops(workload.loops())
        .connections(workload.connections())
        .inFlightMax(workload.inFlight())
        .changesInFlightMax(CHANGES_IN_FLIGHT_MAX)
        // Unlimited: the registration rate is a result.
        .changesPerSecMax(0)
        // Each heartbeat is reported once and does not delay the next.
        .retryHeartbeats(false)
        // A registration waits as long as its 503 requests; heartbeats stay an open model.
        .retryAfterPerInstance(true)
        .retryAfterMax(Duration.ofMillis(stallMsMax))
        // The load is for these servers only.
        .memberInterval(Duration.ZERO)
        // Without another server, a timeout affects its connection only.
        .overdueMax(workload.alternatives().isEmpty() ? OVERDUE_MAX : OVERDUE_MAX_WITH_ALTERNATIVES)
        // Each connection represents another client, which has no session to resume.
        .tlsResumption(false)
        .cancelOnClose(false)
        .reconnectDelay(Duration.ofMillis(RECONNECT_MS_MIN), Duration.ofMillis(RECONNECT_MS_MAX))
        .interval(Duration.ofMillis(workload.intervalMs()))
        .responseTimeout(Duration.ofMillis(workload.responseTimeoutMs()))
        .observers(recorders::add)
        .clock(clock);
    shape(builder, workload.traffic());
    if (listener != null) {
      builder.listener(listener);
    }
    this.client = builder.build();
    this.readers = DeltaReaders.of(workload);
    this.sampler = new Sampler(client, recorders, target, new TargetMetrics(workload.target()));
    sampler.start();
  }

  private static List<URI> servers(Workload workload) {
    List<URI> servers = new ArrayList<>(List.of(workload.target()));
    servers.addAll(workload.alternatives());
    return servers;
  }

  private static void shape(ClientBuilder builder, Traffic traffic) {
    builder
        .localAddresses(traffic.sources())
        .arrivals(traffic.arrivals())
        .connectionPerInstance(traffic.isConnectionPerInstance())
        .connectionAgeMax(traffic.connectionAgeMax())
        .bulkWindow(Duration.ofMillis(traffic.bulkWindowMs()));
    if (!traffic.isBatched()) {
      builder.beatsPerWriteMax(1);
    }
    if (traffic.hasStockHeaders()) {
      StockHeaders.addTo(builder);
    }
  }

  /** Ends all timed waits. Thread-safe. */
  public void endEarly() {
    ended.countDown();
  }

  /** Returns whether {@link #endEarly} was called. */
  public boolean hasEnded() {
    return ended.getCount() == 0;
  }

  /** Returns the number of responses so far. Thread-safe. */
  long answered() {
    return recorders.answered();
  }

  /** Adds an event to the timeline. */
  public void recordEvent(String text) {
    sampler.recordEvent(text);
  }

  /** Waits for the first connection. */
  public void awaitConnection() throws LoadTestException, InterruptedException {
    BooleanSupplier isDecided = () -> state().connectionsOpen() > 0 || hasEnded();
    boolean isConnected = await(CONNECT_MS_MAX, isDecided)
        || (state().lastLoss().isEmpty() && await(HANDSHAKE_MS_MAX, isDecided));
    if (hasEnded()) {
      throw new LoadTestException("ended before the first connection; nothing was measured");
    }
    if (!isConnected) {
      String loss = state().lastLoss();
      long waitMsMax = CONNECT_MS_MAX + HANDSHAKE_MS_MAX;
      throw new LoadTestException("cannot connect to " + workload.address() + ": "
          + (loss.isEmpty() ? "no connection opened within " + waitMsMax + " ms" : loss));
    }
  }

  /** Registers the fleet and waits until the target has accepted all instances. */
  public Registrations register() throws LoadTestException, InterruptedException {
    return register(Fleet.of(workload), registration -> {});
  }

  /**
   * Registers {@code fleet} and waits until the target has accepted all instances; passes each
   * registration to {@code each}, in order.
   */
  public Registrations register(Fleet fleet, Consumer<Registration> each)
      throws LoadTestException, InterruptedException {
    var registration = new FleetRegistration(workload, client, recorders, progress, ended);
    return registration.run(fleet, each, stallMsMax);
  }

  /**
   * Starts the comparison of the target's renewal counter with the responses; pauses heartbeats.
   */
  public void beginRenewalCountCheck() throws InterruptedException {
    pauseHeartbeats();
    targetRenewalsBefore = targetRenewals();
    renewedBefore = recorders.snapshot().renewed();
    restartsBefore = sampler.targetRestarts();
  }

  /** Ends the comparison and returns both counts; pauses heartbeats. */
  public Comparison endRenewalCountCheck() throws InterruptedException {
    pauseHeartbeats();
    OptionalLong after = targetRenewals();
    long ours = recorders.snapshot().renewed() - renewedBefore;
    boolean isKnown = targetRenewalsBefore.isPresent() && after.isPresent();
    long targetCount = isKnown ? after.getAsLong() - targetRenewalsBefore.getAsLong() : -1;
    if (isKnown && targetCount < 0 && sampler.targetRestarts() == restartsBefore) {
      recordEvent("the target's count of renewals fell from " + targetRenewalsBefore.getAsLong()
          + " to " + after.getAsLong() + ": it was restarted");
    }
    boolean isOneCount = targetCount >= 0 && sampler.targetRestarts() == restartsBefore;
    return isOneCount
        ? Comparison.of(targetCount, ours)
        : new Comparison(null, ours, isKnown ? "the target was restarted" : renewalsMissing);
  }

  private OptionalLong targetRenewals() throws InterruptedException {
    OptionalLong renewals = targetMetrics.read().renewals();
    if (renewals.isEmpty()) {
      renewalsMissing = targetMetrics.renewalsMissing();
    }
    return renewals;
  }

  /** Stops heartbeats and waits for outstanding requests. */
  public void pauseHeartbeats() throws InterruptedException {
    client.pace(SendMode.REST);
    await(2L * workload.responseTimeoutMs(), () -> isIdle(state()));
  }

  private static boolean areHeartbeatsAnswered(ClientState state) {
    return state.inFlight() == 0 && state.beatsWaiting() == 0;
  }

  private static boolean isIdle(ClientState state) {
    return areHeartbeatsAnswered(state) && state.changesWaiting() == 0;
  }

  /**
   * Starts heartbeats in the workload's mode, spread over the interval. Returns when every event
   * loop has done so: what is due before that is not counted.
   */
  public void startHeartbeats() {
    if (readers != null) {
      readers.begin();
    }
    client.interval(Duration.ofMillis(intervalMs));
    client.pace(workload.mode() == Mode.PEAK ? SendMode.FULL_SPEED : SendMode.INTERVAL);
    state();
  }

  /**
   * Sets the interval of every instance, 1..86_400_000 ms; effective with the next
   * {@link #startHeartbeats}.
   */
  public void intervalMs(int nextMs) {
    intervalMs = nextMs;
  }

  /** Runs the load for a time without measuring. */
  public void runFor(String phase, long forMs) throws InterruptedException {
    progress.beginTimed(phase, recorders.answered(), forMs);
    awaitEnd(forMs);
  }

  /** Measures a window of this length and waits for outstanding responses. */
  public WindowResult measure(long forMs) throws InterruptedException {
    return measure(forMs, null);
  }

  /**
   * Measures a window that starts at a given time.
   *
   * @param startAt null, or a time that is too near, starts it at once
   */
  WindowResult measure(long forMs, @Nullable Instant startAt) throws InterruptedException {
    progress.beginTimed("measuring", recorders.answered(), forMs);
    if (readers != null) {
      readers.openWindow();
    }
    MeasurementWindow measurement =
        new MeasurementWindow(recorders, sampler, target, workload, forMs, startAt);
    awaitEnd(forMs);
    WindowResult measured = measurement.end(
        () -> drain(measurement),
        workload.mode() == Mode.PEAK
            ? GeneratorMonitor::ofPeak
            : sample -> GeneratorMonitor.ofRun(sample, workload.lagMsMax(), intervalMs));
    return readers == null ? measured : measured.with(readers.outcome());
  }

  private void drain(MeasurementWindow measurement) throws InterruptedException {
    if (readers != null) {
      readers.closeWindow();
    }
    await(workload.responseTimeoutMs() + DRAIN_GRACE_MS, () -> measurement.open() == 0);
    recorders.close();
    // Completes after a cycle of every loop; from then on no loop writes to the window.
    state();
  }

  private void awaitEnd(long forMs) throws InterruptedException {
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

  /**
   * Stops heartbeats and cancels the fleet. Outstanding heartbeats are awaited first: a cancel on
   * another connection could overtake one, whose response would be 404.
   */
  public void cancel() throws InterruptedException {
    client.pace(SendMode.REST);
    await(workload.responseTimeoutMs(), () -> areHeartbeatsAnswered(state()));
    progress.beginCounted(
        "cancelling " + workload.instances() + " instances", workload.instances());
    var cancelled = client.cancelAll();
    long beganNs = System.nanoTime();
    long progressNs = beganNs;
    int left = workload.instances();
    while (!cancelled.isDone() && !hasPassed(beganNs, CANCEL_MS_MAX) && !isStalled(progressNs)) {
      Thread.sleep(POLL_MS);
      int nowLeft = state().instances();
      progressNs = nowLeft < left ? System.nanoTime() : progressNs;
      left = nowLeft;
      progress.report(workload.instances() - left, "cancelled");
    }
    if (!cancelled.isDone()) {
      recordEvent(left + " instances were not cancelled: the target did not confirm it");
    }
  }

  private boolean isStalled(long progressNs) {
    return hasPassed(progressNs, CANCEL_STALL_MS_MAX + workload.responseTimeoutMs());
  }

  private static boolean hasPassed(long sinceNs, long ms) {
    return System.nanoTime() - sinceNs >= TimeUnit.MILLISECONDS.toNanos(ms);
  }

  /** Returns the samples so far, with times relative to {@code zeroNs}. */
  public List<Sample> timeline(long zeroNs) {
    return sampler.timeline(zeroNs);
  }

  /** Returns the events so far, with times relative to {@code zeroNs}. */
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

  /** Returns the fleet's client; the session owns it. */
  public HeartbeatClient client() {
    return client;
  }

  /** Returns the recorders of the client's event loops. */
  public Recorders recorders() {
    return recorders;
  }

  /** Returns the client's current state. */
  public ClientState state() {
    return client.state().join();
  }

  /** Waits for a condition, at most {@code msMax}; returns whether it became true. */
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
