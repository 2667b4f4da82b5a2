// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Response;
import io.systole.server.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * Whether the registry may be read yet. A node that starts empty would tell its readers that nobody
 * lives, one that restored leases that those live who ended meanwhile; with a waiting time it says
 * 403 at first, and they keep what they have (spec §4.6).
 */
public final class Readiness {
  private static final Response NOT_READY = Response.ofStatus(403);

  private final Clock clock;
  private final long afterRestoreMs;
  private volatile long readyNs;

  /**
   * @param whenEmptyMs from now on, 0 for ready at once
   * @param afterRestoreMs instead, from the restore on
   */
  public Readiness(Clock clock, long whenEmptyMs, long afterRestoreMs) {
    this.clock = clock;
    this.afterRestoreMs = afterRestoreMs;
    this.readyNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(whenEmptyMs);
  }

  /** Notes that the registry does not start empty: leases of an earlier run were restored. */
  public void markRestored() {
    readyNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(afterRestoreMs);
  }

  /** The endpoint, once the node is ready. */
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
