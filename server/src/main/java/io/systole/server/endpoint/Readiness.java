// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.time.Clock;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Response;
import java.util.concurrent.TimeUnit;

/**
 * Guards reads of the registry until the node is ready. A node that starts empty would report that
 * there are no instances; one that restored leases may report instances that have ended meanwhile.
 * With a waiting time the node responds with 403 at first, and clients keep their copy (spec §4.6).
 */
public final class Readiness {
  private static final Response NOT_READY = Response.ofStatus(403);

  private final Clock clock;
  private final long afterRestoreMs;
  private volatile long readyNs;

  /**
   * Creates a guard.
   *
   * @param whenEmptyMs waiting time from now on; 0 for none
   * @param afterRestoreMs waiting time from the restore on, instead of {@code whenEmptyMs}
   */
  public Readiness(Clock clock, long whenEmptyMs, long afterRestoreMs) {
    this.clock = clock;
    this.afterRestoreMs = afterRestoreMs;
    this.readyNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(whenEmptyMs);
  }

  /** Restarts the waiting time, as leases of an earlier run were restored. */
  public void markRestored() {
    readyNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(afterRestoreMs);
  }

  /** Ends the waiting time, as the registry of a peer was loaded. */
  public void markLoaded() {
    readyNs = clock.monotonicNs();
  }

  /** Returns a handler that responds with 403 until the node is ready. */
  public AsyncRequestHandler guard(AsyncRequestHandler endpoint) {
    return (request, callback) -> {
      if (clock.monotonicNs() - readyNs < 0) {
        callback.send(NOT_READY);
      } else {
        endpoint.handle(request, callback);
      }
    };
  }
}
