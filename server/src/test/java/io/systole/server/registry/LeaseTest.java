// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LeaseTest {
  private static final long DURATION_NS = TimeUnit.SECONDS.toNanos(90);

  private final ManualClock clock = new ManualClock();
  private final long startNs = clock.monotonicNs();
  private final Lease lease =
      new Lease(LookupKey.of(new InstanceKey("A", "i")), 0, holder(90), false);

  @Test
  void evict_neverRenewed_livesOneDuration() {
    assertThat(lease.evict(startNs + DURATION_NS, 0)).isFalse();
    assertThat(lease.evict(startNs + DURATION_NS + 1, 0)).isTrue();
  }

  @Test
  void evict_afterRenewal_livesTwoDurations() {
    lease.renew(startNs);

    assertThat(lease.evict(startNs + 2 * DURATION_NS, 0)).isFalse();
    assertThat(lease.evict(startNs + 2 * DURATION_NS + 1, 0)).isTrue();
  }

  @Test
  void evict_withGrace_waitsThatMuchLonger() {
    assertThat(lease.evict(startNs + DURATION_NS + 5, 5)).isFalse();
    assertThat(lease.evict(startNs + DURATION_NS + 6, 5)).isTrue();
  }

  @Test
  void evict_twice_hasOneWinner() {
    assertThat(lease.evict(Long.MAX_VALUE / 2, 0)).isTrue();
    assertThat(lease.evict(Long.MAX_VALUE / 2, 0)).isFalse();
  }

  @Test
  void renew_afterEviction_isRefused() {
    lease.evict(Long.MAX_VALUE / 2, 0);

    assertThat(lease.renew(startNs)).isFalse();
    assertThat(lease.hasEnded()).isTrue();
  }

  @Test
  void reregister_afterEviction_isRefusedAndKeepsTheHolder() {
    LeaseHolder before = lease.holder();
    lease.evict(Long.MAX_VALUE / 2, 0);

    assertThat(lease.reregister(holder(30), 30, clock)).isFalse();

    assertThat(lease.holder()).isSameAs(before);
  }

  @Test
  void renew_afterCancel_isRefused() {
    assertThat(lease.cancel()).isTrue();
    assertThat(lease.cancel()).isFalse();

    assertThat(lease.renew(startNs)).isFalse();
  }

  @Test
  void renew_lateButNotEvicted_revives() {
    long lateNs = startNs + 10 * DURATION_NS;
    assertThat(lease.isExpired(lateNs)).isTrue();

    assertThat(lease.renew(lateNs)).isTrue();

    assertThat(lease.isExpired(lateNs)).isFalse();
  }

  @Test
  void renew_byAnOlderClockReading_doesNotShortenTheLease() {
    lease.renew(startNs + 1_000);

    assertThat(lease.renew(startNs)).isTrue();

    assertThat(lease.evict(startNs + 2 * DURATION_NS + 1_000, 0)).isFalse();
  }

  @Test
  void reregister_validLease_restartsTheLeaseForOneDuration() {
    lease.renew(startNs);
    clock.advanceMs(1_000);

    assertThat(lease.reregister(holder(10), 10, clock)).isTrue();

    long deadlineNs = clock.monotonicNs() + TimeUnit.SECONDS.toNanos(10);
    assertThat(lease.isExpired(deadlineNs)).isFalse();
    assertThat(lease.isExpired(deadlineNs + 1)).isTrue();
  }

  @Test
  void reregister_afterEviction_isRefused() {
    lease.evict(Long.MAX_VALUE / 2, 0);

    assertThat(lease.reregister(holder(10), 10, clock)).isFalse();
  }

  @Test
  void document_afterRenewal_showsItOneDurationLate() {
    clock.advanceMs(2_000);
    lease.renew(clock.monotonicNs());

    var stamps = lease.document().leaseInfo();

    long registeredMs = lease.holder().instance().leaseInfo().registrationMs();
    assertThat(stamps.registrationMs()).isEqualTo(registeredMs);
    assertThat(stamps.lastRenewalMs())
        .isEqualTo(registeredMs + 2_000 + TimeUnit.SECONDS.toMillis(90));
  }

  private LeaseHolder holder(int durationSecs) {
    return new LeaseHolder(
        Instances.up("A", "i", durationSecs).toBuilder()
            .leaseInfo(new LeaseInfo(1, durationSecs, clock.wallMs(), clock.wallMs(), 0, 0))
            .build(),
        null,
        clock.monotonicNs());
  }
}
