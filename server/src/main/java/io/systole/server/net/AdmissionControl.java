// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.auth.Principal;
import io.systole.server.auth.Role;
import io.systole.server.metrics.Counters.Overload;
import io.systole.server.metrics.RequestClass;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admission policy of one event loop: decides which {@link RequestClass}es are refused. A class
 * is refused while requests would wait longer than its limit, the lowest class first; and at any
 * time, what one credential sends of a class above the rate of one.
 */
final class AdmissionControl {
  /*
   * Confined to the event loop.
   *
   *   admitted    ALL <--> without FULL_FETCH <--> without DELTA <--> CRITICAL only
   *   limit              100 ms             200 ms             500 ms
   *
   *   -->  the delay has been above the limit for SUSTAINED_NS
   *   <--  the delay has been at most half the limit for CALM_NS
   *
   * One step at a time in both directions. A single long iteration, such as one with a garbage
   * collection in it, does not suffice: its backlog is served by the next.
   *
   * The delay is the largest of three: the duration of an iteration of the loop, which every request
   * that arrives during it has to wait; the time that the tasks and deferred requests of the loop
   * will take; and the time that the requests queued for a worker pool will take. CPU time is not
   * considered: a busy node that serves every request in time is not overloaded.
   *
   * The log has a line when a class is first refused to a client and one when all are admitted
   * again. Of the overloads that begin within LOG_INTERVAL_NS only the first is logged.
   */

  /** The estimated time of a task queued for a loop: that of a registration. */
  static final long TASK_NS = TimeUnit.MICROSECONDS.toNanos(20);

  /** The estimated time of a request queued for a worker pool; most take some milliseconds. */
  static final long WORK_NS = TimeUnit.MILLISECONDS.toNanos(2);

  /** The time for which the delay must exceed a limit before a class is refused. */
  static final long SUSTAINED_NS = TimeUnit.MILLISECONDS.toNanos(200);

  /** The time for which the delay must be short before a class is admitted again. */
  static final long CALM_NS = TimeUnit.MILLISECONDS.toNanos(200);

  /** The minimum time between two log lines of a loop that becomes overloaded repeatedly. */
  private static final long LOG_INTERVAL_NS = TimeUnit.MINUTES.toNanos(1);

  /** Limits of the delay by class; clients wait some seconds for a response. */
  private static final long[] LIMIT_NS = {
    Long.MAX_VALUE,
    TimeUnit.MILLISECONDS.toNanos(500),
    TimeUnit.MILLISECONDS.toNanos(200),
    TimeUnit.MILLISECONDS.toNanos(100)
  };

  private static final RequestClass[] CLASSES = RequestClass.values();

  private static final Logger LOG = LoggerFactory.getLogger(AdmissionControl.class);

  private final IntSupplier credentialRateMax;

  private RequestClass lowestAdmitted = RequestClass.FULL_FETCH;

  /** The signal that had the largest delay when the last class was refused. */
  private Overload reason = Overload.LOOP_LAG;

  private boolean isAbove;
  private boolean isCalm;

  /** The time since which the delay is above the next limit, or short; monotonic ns. */
  private long sinceNs;

  /** The largest delay at the last update. */
  private long delayNs;

  private boolean hasLogged;
  private long loggedNs;

  /** True if the present overload was logged. */
  private boolean isLogged;

  /** The highest class whose refusal was logged in the present overload. */
  private RequestClass highestLogged = RequestClass.FULL_FETCH;

  /** Requests refused since the present overload was logged. */
  private long refusedCount;

  /** @param credentialRateMax returns requests of a class in a second; 0 for no limit */
  AdmissionControl(IntSupplier credentialRateMax) {
    this.credentialRateMax = credentialRateMax;
  }

  /**
   * Returns the reason to refuse a request below heartbeats, or null.
   *
   * @param sender null if it is not authenticated, or no credentials are required
   */
  @Nullable
  Overload refusalOf(RequestClass requestClass, @Nullable Principal sender, long nowNs) {
    if (!admits(requestClass)) {
      recordRefusal(requestClass, nowNs);
      return reason;
    }
    return sender == null || isWithinRate(requestClass, sender, nowNs)
        ? null
        : Overload.CREDENTIAL_RATE;
  }

  /** Counts and logs a request that is refused for load. */
  private void recordRefusal(RequestClass requestClass, long nowNs) {
    boolean isFirst = !isLogged;
    if (isFirst) {
      if (hasLogged && nowNs - loggedNs < LOG_INTERVAL_NS) {
        return;
      }
      hasLogged = true;
      isLogged = true;
      loggedNs = nowNs;
      refusedCount = 0;
    }
    refusedCount++;
    if (isFirst || requestClass.compareTo(highestLogged) < 0) {
      highestLogged = requestClass;
      LOG.warn(
          "overloaded, refusing requests class={} reason={} delayMs={}",
          requestClass.name().toLowerCase(Locale.ROOT),
          reason.name().toLowerCase(Locale.ROOT),
          TimeUnit.NANOSECONDS.toMillis(delayNs));
    }
  }

  /** A peer's batches contain the heartbeats of its clients, so its rate is not limited. */
  private boolean isWithinRate(RequestClass requestClass, Principal sender, long nowNs) {
    int perSecondMax = credentialRateMax.getAsInt();
    if (perSecondMax == 0
        || sender.has(Role.PEER)
        || sender.rates().admits(requestClass, perSecondMax, nowNs)) {
      return true;
    }
    if (sender.rates().mayLog(nowNs)) {
      LOG.warn(
          "refusing requests above --max-credential-rate principal={} class={} max={}; others of"
              + " this credential within a minute are counted only",
          sender,
          requestClass,
          perSecondMax);
    }
    return false;
  }

  /** Returns the reason of the present refusals for load. */
  Overload reason() {
    return reason;
  }

  /** Returns whether requests of this class are admitted at the present load. */
  boolean admits(RequestClass requestClass) {
    return requestClass.compareTo(lowestAdmitted) <= 0;
  }

  /**
   * Updates the policy.
   *
   * @param lagNs the duration of the last iteration of the loop, or the delay of its timer
   * @param loopTasks tasks queued for the loop, and those that take as long as deferred requests
   * @param workerTasks requests queued for the longest of the worker pools' queues
   */
  void update(long lagNs, int loopTasks, int workerTasks, long nowNs) {
    long tasksNs = loopTasks * TASK_NS;
    long workNs = workerTasks * WORK_NS;
    delayNs = Math.max(lagNs, Math.max(tasksNs, workNs));
    boolean mustRefuse = delayNs > LIMIT_NS[lowestAdmitted.ordinal()];
    boolean mayAdmit = !mustRefuse && delayNs <= admissionLimitNs();
    if (mustRefuse != isAbove || mayAdmit != isCalm) {
      isAbove = mustRefuse;
      isCalm = mayAdmit;
      sinceNs = nowNs;
    } else if (mustRefuse && nowNs - sinceNs >= SUSTAINED_NS) {
      reason = delayNs == lagNs
          ? Overload.LOOP_LAG
          : delayNs == tasksNs ? Overload.LOOP_QUEUE : Overload.WORKER_QUEUE;
      moveTo(lowestAdmitted.ordinal() - 1, nowNs);
    } else if (mayAdmit && nowNs - sinceNs >= CALM_NS) {
      moveTo(lowestAdmitted.ordinal() + 1, nowNs);
    }
  }

  /** Returns the delay up to which the highest refused class may be admitted; -1 without one. */
  private long admissionLimitNs() {
    int refused = lowestAdmitted.ordinal() + 1;
    return refused == CLASSES.length ? -1 : LIMIT_NS[refused] / 2;
  }

  private void moveTo(int lowest, long nowNs) {
    lowestAdmitted = CLASSES[lowest];
    sinceNs = nowNs;
    if (isLogged && lowestAdmitted == RequestClass.FULL_FETCH) {
      isLogged = false;
      LOG.info(
          "no longer overloaded, all requests are admitted refused={} seconds={}",
          refusedCount,
          TimeUnit.NANOSECONDS.toSeconds(nowNs - loggedNs));
    }
  }
}
