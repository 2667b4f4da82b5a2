// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewedSlots;
import java.util.function.Supplier;

/**
 * Keeps the node registered as an instance of its own registry, from where it is replicated like
 * any other (spec §5.5). Thread-safe: a renewal must not follow the cancel of a stopping node.
 */
final class SelfRegistration {
  /** The interval of renewals, as that of stock clients. */
  static final long INTERVAL_MS = 30_000;

  private static final int DURATION_SECS = 90;

  private final Registry registry;
  private final Clock clock;
  private final InstanceInfo self;
  private final InstanceKey key;
  private boolean isCancelled;

  SelfRegistration(Registry registry, Clock clock, InstanceInfo self) {
    this.registry = registry;
    this.clock = clock;
    int intervalSecs = (int) (INTERVAL_MS / 1000);
    this.self = self.toBuilder()
        .leaseInfo(new LeaseInfo(intervalSecs, DURATION_SECS, 0, 0, 0, 0))
        .build();
    this.key = self.key();
  }

  /**
   * Renews the lease, or registers the instance if there is none. Does nothing once cancelled.
   *
   * @param renewed the recorder of the current event loop
   */
  synchronized void renew(Supplier<RenewedSlots> renewed) {
    if (isCancelled) {
      return;
    }
    RenewOutcome outcome = registry
        .renewal()
        .renew(
            LookupKey.of(key),
            clock.monotonicNs(),
            self.lastDirtyMs(),
            Origin.CLIENT,
            renewed.get());
    if (outcome != RenewOutcome.RENEWED) {
      registry.register(self, Origin.CLIENT);
    }
  }

  /** Cancels the lease for good. */
  synchronized void cancel() {
    isCancelled = true;
    registry.cancel(key, Origin.CLIENT);
  }
}
