// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.LateEndpoint;
import io.systole.server.route.Reply;
import io.systole.server.time.Clock;
import java.util.concurrent.TimeUnit;

/**
 * Whether the registry may be read yet. A node that starts empty would tell its readers that nobody
 * lives; with a waiting time it says 403 meanwhile, and they keep what they have (spec §4.6).
 */
public final class Readiness {
  private static final Reply NOT_READY = Reply.ofStatus(403);

  private final Clock clock;
  private final long readyNs;
  private volatile boolean isFilled;

  /** @param waitMs from now on, 0 for ready at once */
  public Readiness(Clock clock, long waitMs) {
    this.clock = clock;
    this.readyNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(waitMs);
  }

  /** Says that the registry did not start empty: there is nothing to wait for. */
  public void markFilled() {
    isFilled = true;
  }

  /** The endpoint, once the node is ready. */
  public LateEndpoint guard(LateEndpoint endpoint) {
    return (request, answer) -> {
      if (!isFilled && clock.monotonicNs() < readyNs) {
        answer.send(NOT_READY);
      } else {
        endpoint.handle(request, answer);
      }
    };
  }
}
