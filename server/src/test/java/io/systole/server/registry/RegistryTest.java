// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static io.systole.protocol.model.InstanceStatus.DOWN;
import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UNKNOWN;
import static io.systole.protocol.model.InstanceStatus.UP;
import static io.systole.server.registry.Instances.DIRTY_MS;
import static io.systole.server.registry.Origin.CLIENT;
import static io.systole.server.registry.Origin.PEER;
import static io.systole.server.registry.Registry.NO_TIMESTAMP;
import static io.systole.server.registry.RenewOutcome.CLIENT_IS_NEWER;
import static io.systole.server.registry.RenewOutcome.PEER_IS_OLDER;
import static io.systole.server.registry.RenewOutcome.RENEWED;
import static io.systole.server.registry.RenewOutcome.STATUS_UNKNOWN;
import static io.systole.server.registry.RenewOutcome.UNKNOWN_INSTANCE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryTest {
  private static final InstanceKey KEY = new InstanceKey("DEMO", "i-1");
  private static final int DURATION_SECS = 90;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(100, true, 180_000, 1_000), clock);

  // ---- the decision table of spec §2.2, row by row

  @Test
  void renew_row1_noLease_isUnknownInstance() {
    assertThat(renew(NO_TIMESTAMP, CLIENT)).isEqualTo(UNKNOWN_INSTANCE);

    assertThat(registry.renewal().count()).isZero();
  }

  @Test
  void renew_row2_statusUnknown_isRefusedAndNotRenewed() {
    register(instance(UNKNOWN));
    clock.advanceMs(DURATION_SECS * 1_000 - 1);

    assertThat(renew(DIRTY_MS, CLIENT)).isEqualTo(STATUS_UNKNOWN);

    clock.advanceMs(2);
    assertThat(registry.expiry().evictExpired(0)).isEqualTo(1);
    assertThat(registry.renewal().count()).isZero();
  }

  @Test
  void renew_row3_withoutTimestamp_isRenewed() {
    register(instance(UP));

    assertThat(renew(NO_TIMESTAMP, PEER)).isEqualTo(RENEWED);
  }

  @Test
  void renew_row3_whenTimestampsAreNotCompared_isRenewed() {
    Registry lenient = new Registry(new RegistrySettings(100, false, 180_000, 1_000), clock);
    lenient.register(instance(UP), CLIENT);

    RenewOutcome outcome =
        lenient.renew(LookupKey.of(KEY), clock.monotonicNs(), DIRTY_MS + 1, CLIENT);

    assertThat(outcome).isEqualTo(RENEWED);
  }

  @Test
  void renew_row5_sameTimestamp_isRenewed() {
    register(instance(UP));

    assertThat(renew(DIRTY_MS, CLIENT)).isEqualTo(RENEWED);
    assertThat(renew(DIRTY_MS, PEER)).isEqualTo(RENEWED);
  }

  @Test
  void renew_row6_newerTimestamp_isRenewedAndMustRegister() {
    register(instance(UP));
    clock.advanceMs(DURATION_SECS * 1_000);

    assertThat(renew(DIRTY_MS + 1, CLIENT)).isEqualTo(CLIENT_IS_NEWER);

    clock.advanceMs(2 * DURATION_SECS * 1_000);
    assertThat(registry.expiry().evictExpired(0)).isZero();
    assertThat(registry.renewal().count()).isEqualTo(1);
  }

  @Test
  void adoptOverride_row6_statusFollowsWithTheNextRenewal() {
    register(instance(UP));

    registry.statusOverrides().adopt(KEY, OUT_OF_SERVICE);

    assertThat(stored().status()).isEqualTo(UP);
    assertThat(stored().overriddenStatus()).isEqualTo(OUT_OF_SERVICE);
    assertThat(renew(DIRTY_MS, CLIENT)).isEqualTo(RENEWED);
    assertThat(stored().status()).isEqualTo(OUT_OF_SERVICE);
  }

  @Test
  void renew_row7_olderTimestampOfAClient_isRenewed() {
    register(instance(UP));

    assertThat(renew(DIRTY_MS - 1, CLIENT)).isEqualTo(RENEWED);
  }

  @Test
  void renew_row8_olderTimestampOfAPeer_isRenewedAndMustTakeOurCopy() {
    register(instance(UP));

    assertThat(renew(DIRTY_MS - 1, PEER)).isEqualTo(PEER_IS_OLDER);

    assertThat(registry.renewal().count()).isEqualTo(1);
  }

  // ---- lease

  @Test
  void find_expired_isHiddenUntilARenewalRevivesIt() {
    register(instance(UP));
    clock.advanceMs(DURATION_SECS * 1_000 + 1);

    assertThat(registry.find(KEY)).isNull();
    assertThat(registry.findStored(KEY)).isNotNull();

    assertThat(renew(DIRTY_MS, CLIENT)).isEqualTo(RENEWED);
    assertThat(registry.find(KEY)).isNotNull();
  }

  @Test
  void find_expiredWhileEvictionsAreSuspended_isShownAndMayBeUpdated() {
    register(instance(UP));
    registry.expiry().hideIf(deadline -> false);
    clock.advanceMs(DURATION_SECS * 1_000 + 1);

    assertThat(registry.find(KEY)).isNotNull();
    assertThat(registry.statusOverrides().set(KEY, DOWN, NO_TIMESTAMP, CLIENT)).isTrue();

    assertThat(registry.expiry().expired(0)).isEmpty();
  }

  @Test
  void renew_strict_givesOneDurationAndShowsTheTrueTime() {
    LeaseRules strict = new LeaseRules(true, 1, 0, 1);
    Registry exact = new Registry(new RegistrySettings(10, true, 1_000, 10, strict), clock);
    exact.register(instance(UP), CLIENT);
    clock.advanceMs(10_000);
    exact.renew(LookupKey.of(KEY), clock.monotonicNs(), DIRTY_MS, CLIENT);
    long renewedMs = clock.wallMs();

    clock.advanceMs(DURATION_SECS * 1_000);

    assertThat(requireNonNull(exact.find(KEY)).leaseInfo().lastRenewalMs()).isEqualTo(renewedMs);
    assertThat(exact.expiry().evictExpired(0)).isZero();
    clock.advanceMs(1);
    assertThat(exact.expiry().evictExpired(0)).isEqualTo(1);
  }

  @Test
  void evict_renewedSinceItsSelection_staysAlive() {
    register(instance(UP));
    clock.advanceMs(DURATION_SECS * 1_000 + 1);
    var chosen = registry.expiry().expired(0);
    renew(DIRTY_MS, CLIENT);

    assertThat(registry.expiry().evict(chosen, clock.monotonicNs(), "expired")).isZero();

    assertThat(registry.find(KEY)).isNotNull();
  }

  @Test
  void evictExpired_afterTheLease_endsIt() {
    register(instance(UP));
    clock.advanceMs(DURATION_SECS * 1_000 + 1);

    assertThat(registry.expiry().evictExpired(0)).isEqualTo(1);

    assertThat(renew(DIRTY_MS, CLIENT)).isEqualTo(UNKNOWN_INSTANCE);
    assertThat(registry.leaseCount()).isZero();
    assertThat(registry.counters().evictions()).isEqualTo(1);
  }

  @Test
  void evictExpired_wallClockJumpsAYearAhead_evictsNobody() {
    register(instance(UP));
    clock.stepWallTo(clock.wallMs() + 365L * 24 * 3_600 * 1_000);

    assertThat(registry.expiry().evictExpired(0)).isZero();
  }

  @Test
  void cancel_validLease_endsItOnce() {
    register(instance(UP));

    assertThat(registry.cancel(KEY, Origin.CLIENT)).isTrue();
    assertThat(registry.cancel(KEY, Origin.CLIENT)).isFalse();

    assertThat(registry.find(KEY)).isNull();
    assertThat(registry.counters().cancellations()).isEqualTo(1);
  }

  @Test
  void register_afterCancel_startsANewLease() {
    register(instance(OUT_OF_SERVICE));
    registry.cancel(KEY, Origin.CLIENT);

    register(instance(UP));

    assertThat(stored().status()).isEqualTo(UP);
    assertThat(registry.leaseCount()).isEqualTo(1);
  }

  @Test
  void register_whenFull_isRefusedAndCounted() {
    Registry small = new Registry(new RegistrySettings(1, true, 180_000, 1_000), clock);
    small.register(instance(UP), CLIENT);

    assertThat(small.register(Instances.up("DEMO", "i-2", 90), CLIENT))
        .isEqualTo(RegisterOutcome.FULL);

    assertThat(small.register(instance(UP), CLIENT)).isEqualTo(RegisterOutcome.REGISTERED);
    assertThat(small.leaseCount()).isEqualTo(1);
    assertThat(small.counters().registrations(RegisterOutcome.FULL)).isEqualTo(1);
    small.cancel(KEY, Origin.CLIENT);
    assertThat(small.register(Instances.up("DEMO", "i-2", 90), CLIENT))
        .isEqualTo(RegisterOutcome.REGISTERED);
  }

  // ---- documents

  @Test
  void register_claimToBeTheServer_isIgnored() {
    InstanceInfo claiming =
        instance(UP).toBuilder().isCoordinatingDiscoveryServer(true).build();

    register(claiming);

    assertThat(registry.find(KEY))
        .extracting(InstanceInfo::isCoordinatingDiscoveryServer)
        .isEqualTo(false);
  }

  @Test
  void register_sameTimestamp_replacesTheDocument() {
    register(instance(UP));

    register(instance(UP).toBuilder().hostName("h2").build());

    assertThat(stored().hostName()).isEqualTo("h2");
  }

  @Test
  void register_olderTimestamp_keepsTheDocumentButBeginsANewDeadline() {
    register(instance(UP));
    clock.advanceMs(DURATION_SECS * 1_000);

    register(instance(UP).toBuilder().hostName("h2").lastDirtyMs(DIRTY_MS - 1).build());

    assertThat(stored().hostName()).isEqualTo("h1");
    assertThat(stored().lastDirtyMs()).isEqualTo(DIRTY_MS);
    clock.advanceMs(DURATION_SECS * 1_000);
    assertThat(registry.expiry().evictExpired(0)).isZero();
  }

  /** Spec §3.2 step 2: the lease takes the incoming duration, the document shows the stored one. */
  @Test
  void register_olderTimestamp_keepsTheShownLeaseButLivesByTheIncomingDuration() {
    register(instance(UP));

    register(instance(UP).toBuilder()
        .leaseInfo(new LeaseInfo(7, 10, 0, 0, 0, 0))
        .lastDirtyMs(DIRTY_MS - 1)
        .build());

    assertThat(stored().leaseInfo().renewalIntervalSecs()).isEqualTo(1);
    assertThat(stored().leaseInfo().durationSecs()).isEqualTo(DURATION_SECS);
    clock.advanceMs(10_000);
    assertThat(registry.expiry().evictExpired(0)).isZero();
    clock.advanceMs(1);
    assertThat(registry.expiry().evictExpired(0)).isEqualTo(1);
  }

  @Test
  void register_clientAfterOutOfService_staysOutOfService() {
    register(instance(OUT_OF_SERVICE));

    register(instance(UP).toBuilder().lastDirtyMs(DIRTY_MS + 1).build());

    assertThat(stored().status()).isEqualTo(OUT_OF_SERVICE);
    assertThat(stored().lastDirtyMs()).isEqualTo(DIRTY_MS + 1);
  }

  @Test
  void register_peerAfterOutOfService_setsTheStatus() {
    register(instance(OUT_OF_SERVICE));

    registry.register(instance(UP), PEER);

    assertThat(stored().status()).isEqualTo(UP);
  }

  @Test
  void register_downThenUp_setsTheStatus() {
    register(instance(DOWN));

    register(instance(UP));

    assertThat(stored().status()).isEqualTo(UP);
  }

  @Test
  void register_withOverride_keepsItWhileUp() {
    register(instance(UP).toBuilder().overriddenStatus(OUT_OF_SERVICE).build());
    assertThat(stored().status()).isEqualTo(OUT_OF_SERVICE);

    register(instance(DOWN));
    assertThat(stored().status()).isEqualTo(DOWN);

    register(instance(UP));
    assertThat(stored().status()).isEqualTo(OUT_OF_SERVICE);
  }

  @Test
  void register_up_stampsServiceUpOnce() {
    register(instance(DOWN));
    assertThat(stored().leaseInfo().serviceUpMs()).isZero();
    clock.advanceMs(1_000);
    register(instance(UP));
    long upMs = clock.wallMs();
    clock.advanceMs(1_000);

    register(instance(UP));

    assertThat(stored().leaseInfo().serviceUpMs()).isEqualTo(upMs);
    assertThat(stored().lastUpdatedMs()).isEqualTo(clock.wallMs());
  }

  @Test
  void register_otherServer_isNotTheCoordinatingOne() {
    register(instance(UP).toBuilder().isCoordinatingDiscoveryServer(true).build());

    assertThat(stored().isCoordinatingDiscoveryServer()).isFalse();
  }

  @Test
  void renew_longDuration_doesNotOverflow() {
    registry.register(Instances.up("DEMO", "i-1", Integer.MAX_VALUE), CLIENT);

    assertThat(renew(DIRTY_MS, CLIENT)).isEqualTo(RENEWED);

    assertThat(registry.find(KEY)).isNotNull();
    assertThat(registry.expiry().evictExpired(0)).isZero();
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void register_whileTheLeaseIsEvicted_publishesTheRemovalWithTheOldStatus(int clockRead)
      throws InterruptedException {
    ActingClock actingClock = new ActingClock(clock);
    Registry raced = new Registry(new RegistrySettings(10, true, 180_000, 100), actingClock);
    raced.register(instance(UP), CLIENT);
    clock.advanceMs(DURATION_SECS * 1_000 + 1);
    var chosen = raced.expiry().expired(0);
    Thread evictor = new Thread(() -> raced.expiry().evict(chosen, clock.monotonicNs(), "expired"));
    actingClock.runAt(clockRead, () -> startAndAwaitBlocked(evictor));

    raced.register(instance(DOWN), CLIENT);
    evictor.join();

    List<Change> reported = new ArrayList<>();
    for (Change change = raced.changes().oldest(); change != null; change = change.next()) {
      reported.add(change);
    }
    assertThat(reported)
        .extracting(Change::cause, change -> change.document().status())
        .endsWith(tuple(Cause.EVICTION, UP), tuple(Cause.REGISTRATION, DOWN));
  }

  /** The evictor has ended the lease and blocks on the monitor held by the registration. */
  private static void startAndAwaitBlocked(Thread evictor) {
    evictor.start();
    Awaitility.await().until(() -> evictor.getState() == Thread.State.BLOCKED);
  }

  /** A clock that runs an action within a given read by its owner thread. */
  private static final class ActingClock implements Clock {
    private final Clock behind;
    private final Thread owner = Thread.currentThread();
    private int readsLeft = -1;
    private Runnable action = () -> {};

    ActingClock(Clock behind) {
      this.behind = behind;
    }

    void runAt(int read, Runnable action) {
      readsLeft = read;
      this.action = action;
    }

    @Override
    public long wallMs() {
      return behind.wallMs();
    }

    @Override
    public long monotonicNs() {
      if (Thread.currentThread() == owner && --readsLeft == 0) {
        action.run();
      }
      return behind.monotonicNs();
    }
  }

  @Test
  void adoptOverride_ofAPeer_isReportedInDeltas() {
    register(instance(UP));
    long before = registry.version();

    registry.statusOverrides().adopt(KEY, OUT_OF_SERVICE);
    registry.statusOverrides().adopt(KEY, OUT_OF_SERVICE);

    assertThat(registry.version()).isEqualTo(before + 1);
    assertThat(registry.changes().last().document().overriddenStatus()).isEqualTo(OUT_OF_SERVICE);
  }

  private void register(InstanceInfo instance) {
    assertThat(registry.register(instance, CLIENT)).isEqualTo(RegisterOutcome.REGISTERED);
  }

  private RenewOutcome renew(long dirtyMs, Origin origin) {
    return registry.renew(LookupKey.of(KEY), clock.monotonicNs(), dirtyMs, origin);
  }

  private InstanceInfo stored() {
    return requireNonNull(registry.findStored(KEY));
  }

  private static InstanceInfo instance(InstanceStatus status) {
    return Instances.up("DEMO", "i-1", DURATION_SECS).toBuilder().status(status).build();
  }
}
