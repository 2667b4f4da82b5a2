// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import org.junit.jupiter.api.Test;

final class RenewalDrainTest {
  private final BenchmarkFleet fleet = new BenchmarkFleet(200);
  private final Clock clock = Clock.startingAtZero();
  private final Registry registry = fleet.systole(clock);

  @Test
  void passOn_requested_readsEachRenewedLeaseOnceForEachPeer() {
    RenewalDrain drain = new RenewalDrain(registry, 2);
    renew(drain, 7);
    renew(drain, 7);
    renew(drain, 199);

    drain.request();
    drain.passOn();
    drain.close();

    assertThat(drain.leasesRead()).isEqualTo(4);
  }

  @Test
  void passOn_notRequestedAgain_keepsTheRenewals() {
    RenewalDrain drain = new RenewalDrain(registry, 1);
    drain.request();
    drain.passOn();

    renew(drain, 7);
    drain.passOn();
    drain.close();

    assertThat(drain.leasesRead()).isZero();
  }

  @Test
  void passOn_withoutPeers_hasRecordedNothing() {
    RenewalDrain drain = new RenewalDrain(registry, 0);
    renew(drain, 7);

    drain.request();
    drain.passOn();
    drain.close();

    assertThat(drain.recorder().take()).isEmpty();
    assertThat(drain.leasesRead()).isZero();
  }

  private void renew(RenewalDrain drain, int i) {
    InstanceKey key = new InstanceKey(fleet.app(i), fleet.id(i));
    RenewOutcome outcome = registry
        .renewal()
        .renew(
            LookupKey.of(key),
            clock.monotonicNs(),
            BenchmarkFleet.DIRTY_MS,
            Origin.CLIENT,
            drain.recorder());
    assertThat(outcome).isEqualTo(RenewOutcome.RENEWED);
  }
}
