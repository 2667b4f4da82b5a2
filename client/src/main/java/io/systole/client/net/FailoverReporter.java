// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A reporter of changes of the server in use: one log line each, and failovers to the listener too.
 * Confined to one event loop.
 */
final class FailoverReporter {
  /*
   * An outage ends with a response, not with an accepted connection. Outages and their ends are
   * logged in turn.
   */
  private static final Logger log = LoggerFactory.getLogger(FailoverReporter.class);

  /** Outages within this time are logged once. */
  private static final long OUTAGE_GAP_NS = TimeUnit.SECONDS.toNanos(30);

  private final Connection.Listener listener;

  /** The server last in use or, before there was one, the first that was tried. */
  private @Nullable ServerAddress previous;

  /** Reason for leaving the previous server; empty while one is in use. */
  private String leaveReason = "";

  /**
   * True if the server has responded since it was taken into use; accepting connections does not
   * count.
   */
  private boolean isReached;

  private boolean isReachedReported;
  private boolean isOutageReported;
  private long outageReportedNs;

  FailoverReporter(Connection.Listener listener, long nowNs) {
    this.listener = listener;
    this.outageReportedNs = nowNs - OUTAGE_GAP_NS;
  }

  /** Records that a server is probed. */
  void probed(ServerAddress server) {
    if (previous == null) {
      previous = server;
    }
  }

  /** Records why requests no longer go to the previous server; the first reason counts. */
  void left(String cause) {
    leaveReason = leaveReason.isEmpty() ? cause : leaveReason;
  }

  /** Reports that a server was taken into use, unless it is the previous one. */
  void takenIntoUse(ServerHealth server, boolean isReturn) {
    ServerAddress from = previous;
    ServerAddress to = server.address();
    String cause = isReturn ? "a more preferred zone is available again" : leaveReason;
    previous = to;
    leaveReason = "";
    isReached = false;
    if (from == null || from.equals(to)) {
      return;
    }
    if (isReturn) {
      log.info("returned server={} zone={} from={}", to, server.zoneName(), from);
    } else {
      log.warn(
          "failed over server={} zone={} from={} cause={}", to, server.zoneName(), from, cause);
    }
    listener.failedOver(from, to, cause);
  }

  /** Reports the first response of the server in use, and each after an outage. */
  void responded(ServerHealth server, int connections) {
    if (!isReached) {
      isReached = true;
      isOutageReported = false;
      if (!isReachedReported) {
        isReachedReported = true;
        log.info("server responds server={} connections={}", server.address(), connections);
      }
    }
  }

  /** Reports that no server is available, unless an outage was reported recently. */
  void unavailable(ServerHealth server, String cause, long nowNs) {
    if (!isOutageReported && nowNs - outageReportedNs >= OUTAGE_GAP_NS) {
      isOutageReported = true;
      outageReportedNs = nowNs;
      isReachedReported = false;
      log.warn("server lost, no other available server={} cause={}", server.address(), cause);
    }
  }
}
