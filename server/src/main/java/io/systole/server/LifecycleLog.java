// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.netty.util.NetUtil;
import io.systole.protocol.model.EscapedText;
import io.systole.protocol.time.Clock;
import io.systole.server.net.HttpServer;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs the start and the stop of a node. Confined to the thread that does either. */
final class LifecycleLog {
  /** Stands for the signal of a node that is stopped by its process. */
  static final String NO_SIGNAL = "none";

  private static final Logger LOG = LoggerFactory.getLogger(LifecycleLog.class);

  private final Clock clock;
  private final long beganNs;
  private long restoreNs;
  private int restoredLeases;

  private String signal = NO_SIGNAL;
  private boolean isStopping;
  private long stopBeganNs;
  private long closedBefore;

  /** Creates the log of a node whose start begins now. */
  LifecycleLog(Clock clock) {
    this.clock = clock;
    this.beganNs = clock.monotonicNs();
  }

  /** Adds to the time of the restore what has passed since {@code sinceNs}, monotonic. */
  void restored(int leases, long sinceNs) {
    restoredLeases += leases;
    restoreNs += clock.monotonicNs() - sinceNs;
  }

  /** Returns the duration of the restore so far. */
  long restoreMs() {
    return TimeUnit.NANOSECONDS.toMillis(restoreNs);
  }

  /** Logs that the node serves. */
  void started(
      InetSocketAddress address,
      InetSocketAddress management,
      @Nullable Path dataDirectory,
      HttpServer httpServer) {
    BuildInfo build = BuildInfo.CURRENT;
    LOG.info(
        "started version={} revision={} java={} address={} management={} dataDirectory={}"
            + " restoredLeases={} restoreMs={} startMs={} transport={} loops={}",
        EscapedText.token(build.version()),
        EscapedText.token(build.revision() == null ? "unknown" : build.revision()),
        Runtime.version(),
        NetUtil.toSocketAddressString(address),
        NetUtil.toSocketAddressString(management),
        dataDirectory == null ? "none" : EscapedText.token(dataDirectory.toString()),
        restoredLeases,
        restoreMs(),
        passedMs(beganNs),
        httpServer.transport(),
        httpServer.loopCount());
  }

  /**
   * Logs that a node which serves is stopping.
   *
   * @param by the name of the signal, or {@link #NO_SIGNAL}
   */
  void stopping(String by, int leases, HttpServer httpServer) {
    beginStop(httpServer);
    signal = by;
    if (!by.equals(NO_SIGNAL)) {
      logAction("shutdown", "begun", by);
    }
    LOG.info("stopping signal={} leases={}", by, leases);
  }

  /**
   * Logs an action of an operator of the process, whose principal is unknown.
   *
   * @param signal by which the operator requested it
   */
  static void logAction(String action, String outcome, String signal) {
    LOG.info("operator action={} outcome={} principal={} from={}", action, outcome, "-", signal);
  }

  /** Records the begin of the stop, if it has not begun. */
  void beginStop(HttpServer httpServer) {
    if (!isStopping) {
      isStopping = true;
      stopBeganNs = clock.monotonicNs();
      closedBefore = httpServer.connectionsClosed();
    }
  }

  /**
   * Logs that the node has stopped.
   *
   * @param closed the number of connections that had closed before the remaining ones were cut
   */
  void stopped(int leases, long closed) {
    LOG.info(
        "stopped signal={} drainedConnections={} durationMs={} leases={}",
        signal,
        closed - closedBefore,
        passedMs(stopBeganNs),
        leases);
  }

  private long passedMs(long sinceNs) {
    return TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - sinceNs);
  }
}
