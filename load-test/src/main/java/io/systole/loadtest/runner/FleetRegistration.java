// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.ClientState;
import io.systole.client.HeartbeatClient;
import io.systole.client.Registration;
import io.systole.client.SendMode;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.loadtest.stats.Recorders;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The registration of a fleet, up to its acceptance by the target. For the session's thread. */
final class FleetRegistration {
  private static final long POLL_MS = 10;
  private static final double NS_PER_SEC = 1e9;

  private final Workload workload;
  private final HeartbeatClient client;
  private final Recorders recorders;
  private final Progress progress;
  private final CountDownLatch ended;

  /** @param ended open until the session is ended early */
  FleetRegistration(
      Workload workload,
      HeartbeatClient client,
      Recorders recorders,
      Progress progress,
      CountDownLatch ended) {
    this.workload = workload;
    this.client = client;
    this.recorders = recorders;
    this.progress = progress;
    this.ended = ended;
  }

  /**
   * Registers {@code fleet} and waits until the target has accepted all instances.
   *
   * @param each receives the registrations in order
   * @param stallMsMax time without an accepted registration after which this fails
   */
  Registrations run(Fleet fleet, Consumer<Registration> each, long stallMsMax)
      throws LoadTestException, InterruptedException {
    progress.beginCounted(
        "registering " + workload.instances() + " instances", workload.instances());
    // Heartbeats at a rate beyond the target's capacity would delay registrations.
    client.pace(SendMode.REST);
    long startNs = System.nanoTime();
    for (int index = 0; index < workload.instances() && ended.getCount() > 0; index++) {
      each.accept(client.register(fleet.source(index)));
    }
    awaitRegistered(startNs, fleet.keepAliveMs(), stallMsMax);
    requireAcceptance();
    double secs = (System.nanoTime() - startNs) / NS_PER_SEC;
    // Promotes the sessions now; copying them would pause the measurement.
    System.gc();
    int instances = workload.instances();
    long failures = total(recorders.registrationsFailed());
    return new Registrations(
        instances, secs, instances / secs, failures, total(recorders.retriedRefusals()));
  }

  private static long total(Map<String, Long> counts) {
    return counts.values().stream().mapToLong(Long::longValue).sum();
  }

  /**
   * Waits until all instances are registered. Renews leases at {@code keepAliveMs} if registering
   * takes longer than that.
   */
  private void awaitRegistered(long startNs, int keepAliveMs, long stallMsMax)
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
      } else {
        requireProgress(nowNs - lastNs, lastCount, stallMsMax);
      }
      if (!isKeptAlive && nowNs - startNs > TimeUnit.MILLISECONDS.toNanos(keepAliveMs)) {
        isKeptAlive = true;
        client.interval(Duration.ofMillis(keepAliveMs));
        client.pace(SendMode.INTERVAL);
      }
      if (ended.await(POLL_MS, TimeUnit.MILLISECONDS)) {
        throw new LoadTestException(
            "ended after " + lastCount + " registrations; nothing was measured");
      }
      progress.report(lastCount, "registered");
    }
  }

  /** Fails once nothing was accepted for a time; refused instances may wait that long to retry. */
  private void requireProgress(long sinceNs, long accepted, long stallMsMax)
      throws LoadTestException {
    Map<String, Long> refusals = recorders.retriedRefusals();
    long msMax = refusals.isEmpty() ? stallMsMax : 2 * stallMsMax;
    if (sinceNs > TimeUnit.MILLISECONDS.toNanos(msMax)) {
      ClientState state = client.state().join();
      throw new LoadTestException(
          describeStall(msMax, accepted, state, recorders.registrationsFailed(), refusals));
    }
  }

  private void requireAcceptance() throws LoadTestException {
    var refusals = recorders.refusals();
    if (!refusals.isEmpty()) {
      throw new LoadTestException("server rejected registrations: " + text(refusals));
    }
  }

  private static String text(Map<String, Long> refusals) {
    return refusals.entrySet().stream()
        .map(refusal -> refusal.getKey() + " (" + refusal.getValue() + " times)")
        .collect(Collectors.joining(" "));
  }

  /**
   * Returns the probable cause of a stalled registration, from the client's state.
   *
   * @param ms time without an accepted registration
   * @param accepted registrations accepted before
   * @param failures registrations without a response, by reason
   * @param refusals registrations that were refused and retried, by status and message
   */
  static String describeStall(
      long ms,
      long accepted,
      ClientState state,
      Map<String, Long> failures,
      Map<String, Long> refusals) {
    return String.format(
        Locale.ROOT,
        "no registration accepted for %d ms, after %,d: %s; without a response so far: %s;"
            + "%s last connection loss: %s",
        ms,
        accepted,
        cause(state, refusals),
        failures.isEmpty() ? "none" : failures,
        refusals.isEmpty() ? "" : " refused so far: " + text(refusals) + ";",
        state.lastLoss().isEmpty() ? "none" : state.lastLoss());
  }

  private static String cause(ClientState state, Map<String, Long> refusals) {
    if (state.connectionsOpen() == 0) {
      return "no connection is open";
    }
    String load = String.format(
        Locale.ROOT,
        "%,d requests in flight on %,d connections, %,d registrations not sent yet",
        state.inFlight(),
        state.connectionsOpen(),
        state.changesWaiting());
    if (state.inFlight() > 0) {
      return "the target does not respond, " + load;
    }
    return refusals.isEmpty()
        ? "nothing is being sent, " + load
        : "refused registrations wait to be retried, " + load;
  }
}
