// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.time.Clock;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Response;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Guards reads of the registry until the node is ready. A node that starts empty would report that
 * there are no instances; one that restored leases may report instances that have ended meanwhile.
 * With a waiting time the node responds with 403 at first, and clients keep their copy (spec §4.6).
 */
public final class Readiness {
  /**
   * The time in which reads are refused.
   *
   * @param reason why, for operators
   * @param untilMs its end, epoch ms
   * @param untilNs its end, monotonic ns
   */
  public record WaitingTime(String reason, long untilMs, long untilNs) {}

  private static final Response NOT_READY = Response.ofStatus(403);

  private static final Logger LOG = LoggerFactory.getLogger(Readiness.class);

  private final Clock clock;
  private final long afterRestoreMs;

  /** May have passed; null for none. */
  private volatile @Nullable WaitingTime waitingTime;

  /** True from the log line on the refusal to that on its end; for {@link #watch} only. */
  private boolean isLogged;

  /**
   * Creates a guard.
   *
   * @param whenEmptyMs waiting time from now on; 0 for none
   * @param afterRestoreMs waiting time from the restore on, instead of {@code whenEmptyMs}
   */
  public Readiness(Clock clock, long whenEmptyMs, long afterRestoreMs) {
    this.clock = clock;
    this.afterRestoreMs = afterRestoreMs;
    this.waitingTime =
        fromNow(whenEmptyMs, "the node started without leases, see --wait-when-empty");
  }

  private WaitingTime fromNow(long ms, String reason) {
    return new WaitingTime(
        reason, clock.wallMs() + ms, clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(ms));
  }

  /** Restarts the waiting time, as leases of an earlier run were restored. */
  public void markRestored() {
    waitingTime = fromNow(
        afterRestoreMs, "the node restored the leases of an earlier run, see --wait-after-restore");
  }

  /** Ends the waiting time, as the registry of a peer was loaded. */
  public void markLoaded() {
    waitingTime = null;
  }

  /** Returns the waiting time if reads are refused now, else null. */
  public @Nullable WaitingTime waitingTime() {
    WaitingTime current = waitingTime;
    return current != null && clock.monotonicNs() - current.untilNs() < 0 ? current : null;
  }

  /** Returns the end of the waiting time if reads are refused now, epoch ms, else 0. */
  public long refusedUntilMs() {
    WaitingTime current = waitingTime();
    return current == null ? 0 : current.untilMs();
  }

  /** Logs when the refusal of reads begins and ends. Called about once a second. */
  public void watch() {
    WaitingTime current = waitingTime();
    if (current != null && !isLogged) {
      LOG.info(
          "reads of the registry are refused with 403 until={}: {}",
          Instant.ofEpochMilli(current.untilMs()),
          current.reason());
      isLogged = true;
    } else if (current == null && isLogged) {
      LOG.info("reads of the registry are served");
      isLogged = false;
    }
  }

  /** Returns a handler that responds with 403 until the node is ready. */
  public AsyncRequestHandler guard(AsyncRequestHandler endpoint) {
    return (request, callback) -> {
      if (waitingTime() != null) {
        callback.send(NOT_READY);
      } else {
        endpoint.handle(request, callback);
      }
    };
  }
}
