// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static io.systole.protocol.model.InstanceStatus.DOWN;
import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UNKNOWN;
import static io.systole.protocol.model.InstanceStatus.UP;
import static io.systole.server.registry.Instances.DIRTY_MS;
import static io.systole.server.registry.Origin.CLIENT;
import static io.systole.server.registry.Origin.MEMBER;
import static io.systole.server.registry.Origin.NODE;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReplicatedLeasesTest {
  private static final InstanceKey KEY = new InstanceKey("DEMO", "i-1");
  private static final int DURATION_SECS = 90;
  private static final long DURATION_NS = TimeUnit.SECONDS.toNanos(DURATION_SECS);

  private final ManualClock clock = new ManualClock();
  private final Registry registry = registry(300, LeaseRules.STOCK, ByteBounds.NONE);
  private final ReplicatedLeases replicated = registry.replicated();

  // ---- merge

  @Test
  void merge_unknownInstance_insertsExactlyTheDocument() {
    InstanceInfo document = accepted(UP).toBuilder()
        .metadata(Map.of("zone", "z1"))
        .lastUpdatedMs(clock.wallMs() - 7)
        .build();

    int slot = merge(document, null);

    assertThat(replicated.find(KEY)).isEqualTo(slot);
    assertThat(replicated.at(slot)).isEqualTo(new PersistedLease(document, null));
    assertThat(registry.leaseCounts().ofZone("z1")).isEqualTo(1);
    assertThat(registry.expectedClients().count()).isEqualTo(2);
    assertThat(last().origin()).isEqualTo(MEMBER);
    assertThat(last().cause()).isEqualTo(Cause.REGISTRATION);
    assertThat(last().slot()).isEqualTo(slot);
    assertThat(registry.counters().registrations()).isZero();
  }

  @Test
  void merge_loading_isReportedToFollowersAndIsNoRecentEvent() {
    Change follower = last();
    replicated.setLoading(true);

    int slot = merge(accepted(UP), null);

    assertThat(follower.next()).isEqualTo(last());
    assertThat(last().slot()).isEqualTo(slot);
    assertThat(registry.changes().oldest()).isEqualTo(last());
    assertThat(registry.recentEvents().registered().latest()).isEmpty();
    assertThat(registry.expectedClients().count()).isEqualTo(2);

    registry.register(instance(UP), CLIENT);

    assertThat(registry.recentEvents().registered().latest()).hasSize(1);
    assertThat(registry.changes().oldest()).isNotEqualTo(last());
  }

  @Test
  void merge_otherDocument_replacesItInItsSlot() {
    registry.register(instance(UP), CLIENT);
    int slot = replicated.find(KEY);
    InstanceInfo newer =
        accepted(DOWN).toBuilder().lastDirtyMs(DIRTY_MS + 1).vipAddress("v").build();

    assertThat(merge(newer, null)).isEqualTo(slot);

    assertThat(at(slot).instance()).isEqualTo(newer);
    assertThat(registry.leaseCount()).isEqualTo(1);
    assertThat(last().cause()).isEqualTo(Cause.REGISTRATION);
    assertThat(changedHere()).isFalse();
  }

  @Test
  void merge_olderDirtyTimestampAndOtherStatus_areNotJudgedAgain() {
    registry.register(instance(OUT_OF_SERVICE), CLIENT);
    InstanceInfo decided = accepted(UP).toBuilder().lastDirtyMs(DIRTY_MS - 1).build();

    int slot = merge(decided, null);

    assertThat(at(slot).instance()).isEqualTo(decided);
  }

  @Test
  void merge_sameDocumentAndOverride_movesOnlyTheDeadline() {
    int slot = merge(accepted(UP), null);
    Change before = last();
    InstanceInfo sent = at(slot).instance();
    clock.advanceMs(60_000);

    assertThat(merge(renewedAt(sent, clock.wallMs()), null)).isEqualTo(slot);

    assertThat(last()).isSameAs(before);
    assertThat(deadlineNs()).isEqualTo(clock.monotonicNs() + 2 * DURATION_NS);
  }

  @Test
  void merge_overrideOfAServingInstance_isItsStatus() {
    int slot = merge(accepted(UP), OUT_OF_SERVICE);

    assertThat(at(slot).instance().status()).isEqualTo(OUT_OF_SERVICE);
    assertThat(at(slot).instance().overriddenStatus()).isEqualTo(OUT_OF_SERVICE);
    assertThat(at(slot).override()).isEqualTo(OUT_OF_SERVICE);
  }

  @Test
  void merge_overrideOfAnInstanceThatIsDown_isStoredOnly() {
    int slot = merge(accepted(DOWN), OUT_OF_SERVICE);

    assertThat(at(slot).instance().status()).isEqualTo(DOWN);
    assertThat(at(slot).override()).isEqualTo(OUT_OF_SERVICE);
  }

  /**
   * Stock peers, to which the gateway sends the changes, know overrides as changes of their own.
   */
  @Test
  void merge_onlyTheOverrideDiffers_isAnAmendment() {
    int slot = merge(accepted(UP), null);
    long version = registry.version();
    InstanceInfo overridden =
        at(slot).instance().toBuilder().lastUpdatedMs(clock.wallMs() + 5).build();

    merge(overridden, OUT_OF_SERVICE);

    assertThat(changesAfter(version))
        .extracting(Change::cause, Change::origin, Change::override)
        .containsExactly(tuple(Cause.AMENDMENT, MEMBER, OUT_OF_SERVICE));
    assertThat(at(slot).instance().lastUpdatedMs()).isEqualTo(clock.wallMs() + 5);
  }

  @Test
  void merge_documentAndOverrideDiffer_areTwoChanges() {
    int slot = merge(accepted(UP), OUT_OF_SERVICE);
    long version = registry.version();
    InstanceInfo moved =
        accepted(UP).toBuilder().vipAddress("v").lastDirtyMs(DIRTY_MS + 1).build();

    merge(moved, null);

    assertThat(changesAfter(version))
        .extracting(Change::cause, Change::slot, Change::override)
        .containsExactly(tuple(Cause.REGISTRATION, slot, null), tuple(Cause.AMENDMENT, slot, null));
    assertThat(renewedAt(at(slot).instance(), clock.wallMs())).isEqualTo(moved);
    assertThat(registry.leaseCounts().ofApp("DEMO")).isEqualTo(1);
  }

  /** The registration was resolved by an override that was removed at the same time elsewhere. */
  @Test
  void merge_statusOfAnOverrideThatIsGone_isUnknownUntilItRegistersAgain() {
    InstanceInfo overridden =
        accepted(OUT_OF_SERVICE).toBuilder().overriddenStatus(OUT_OF_SERVICE).build();

    int slot = merge(overridden, null);

    assertThat(at(slot).instance().status()).isEqualTo(UNKNOWN);
    assertThat(at(slot).instance().overriddenStatus()).isEqualTo(UNKNOWN);
    assertThat(registry.renew(LookupKey.of(KEY), clock.monotonicNs(), DIRTY_MS, CLIENT))
        .isEqualTo(RenewOutcome.STATUS_UNKNOWN);
    assertThat(merge(overridden, OUT_OF_SERVICE)).isEqualTo(slot);
    assertThat(at(slot).instance().status()).isEqualTo(OUT_OF_SERVICE);
  }

  @Test
  void merge_justRenewed_isValidAsAfterARenewal() {
    int slot = merge(accepted(UP), null);

    assertThat(deadlineNs()).isEqualTo(clock.monotonicNs() + 2 * DURATION_NS);
    assertThat(replicated.lastContactNs(slot)).isEqualTo(clock.monotonicNs());
  }

  @Test
  void merge_renewedLongAgo_isValidForOneDuration() {
    clock.advanceMs(300_000);

    int slot =
        replicated.merge(accepted(UP), null, clock.monotonicNs() - TimeUnit.SECONDS.toNanos(200));

    assertThat(deadlineNs()).isEqualTo(clock.monotonicNs() + DURATION_NS);
    assertThat(replicated.isExpired(slot, clock.monotonicNs() + DURATION_NS)).isFalse();
    assertThat(replicated.isExpired(slot, clock.monotonicNs() + DURATION_NS + 1))
        .isTrue();
  }

  @Test
  void merge_renewedThirtySecondsAgo_isValidForTwoDurationsLessThem() {
    clock.advanceMs(300_000);
    long renewedNs = clock.monotonicNs() - TimeUnit.SECONDS.toNanos(30);

    int slot = replicated.merge(accepted(UP), null, renewedNs);

    assertThat(deadlineNs()).isEqualTo(renewedNs + 2 * DURATION_NS);
    assertThat(replicated.lastContactNs(slot)).isEqualTo(renewedNs);
  }

  @Test
  void merge_inStrictMode_isValidForOneDuration() {
    Registry strict = registry(100, new LeaseRules(true, 1, 0, 1), ByteBounds.NONE);
    clock.advanceMs(300_000);

    strict.replicated().merge(accepted(UP), null, clock.monotonicNs() - DURATION_NS / 2);

    assertThat(requireNonNull(strict.expiry().deadline(KEY)).deadlineNs())
        .isEqualTo(clock.monotonicNs() + DURATION_NS);
  }

  @Test
  void merge_laterDeadlineHere_isKept() {
    registry.register(instance(UP), CLIENT);
    registry.renew(LookupKey.of(KEY), clock.monotonicNs(), DIRTY_MS, CLIENT);
    long deadlineNs = deadlineNs();
    clock.advanceMs(1_000);

    replicated.merge(
        accepted(UP).toBuilder().vipAddress("v").build(), null, clock.monotonicNs() - DURATION_NS);

    assertThat(deadlineNs()).isEqualTo(deadlineNs);
  }

  @Test
  void merge_shorterDuration_endsTheLeaseByIt() {
    registry.register(instance(UP), CLIENT);
    registry.renew(LookupKey.of(KEY), clock.monotonicNs(), DIRTY_MS, CLIENT);
    InstanceInfo shorter = accepted(UP).toBuilder()
        .leaseInfo(new LeaseInfo(1, 10, clock.wallMs(), clock.wallMs(), 0, 0))
        .build();

    merge(shorter, null);

    clock.advanceMs(20_001);
    assertThat(registry.expiry().evictExpired(0)).isEqualTo(1);
  }

  @Test
  void merge_registeredInTheSendersFuture_wasLastContactedWhenItWasRenewed() {
    clock.advanceMs(300_000);
    long aheadMs = clock.wallMs() + 60_000;
    InstanceInfo ahead = accepted(UP).toBuilder()
        .leaseInfo(new LeaseInfo(1, DURATION_SECS, aheadMs, aheadMs, 0, 0))
        .build();
    long renewedNs = clock.monotonicNs() - TimeUnit.SECONDS.toNanos(20);

    int slot = replicated.merge(ahead, null, renewedNs);

    assertThat(replicated.lastContactNs(slot)).isEqualTo(renewedNs);
  }

  @Test
  void merge_removedHereBefore_isInsertedDespiteTheTombstone() {
    Registry withTombstones =
        registry(100, new LeaseRules(false, 1, 3_600_000, 100), ByteBounds.NONE);
    withTombstones.register(instance(UP), CLIENT);
    withTombstones.cancel(KEY, CLIENT);
    assertThat(withTombstones.register(instance(UP), CLIENT)).isEqualTo(RegisterOutcome.OUTDATED);

    assertThat(withTombstones.replicated().merge(accepted(UP), null, clock.monotonicNs()))
        .isNotNegative();
  }

  @Test
  void merge_fullTable_changesNothing() {
    Registry full = registry(1, LeaseRules.STOCK, ByteBounds.NONE);
    full.register(Instances.up("OTHER", "o-1", DURATION_SECS), CLIENT);
    long version = full.version();

    assertThat(full.replicated().merge(accepted(UP), null, clock.monotonicNs()))
        .isEqualTo(ReplicatedLeases.FULL);

    assertThat(full.version()).isEqualTo(version);
    assertThat(full.replicated().find(KEY)).isNegative();
  }

  @Test
  void merge_tooLargeOrOverBudget_isFull() {
    InstanceInfo large =
        accepted(UP).toBuilder().metadata(Map.of("k", "x".repeat(5_000))).build();
    Registry ofSmall =
        registry(100, LeaseRules.STOCK, new ByteBounds(2_000, Long.MAX_VALUE, Long.MAX_VALUE));
    Registry inLittle =
        registry(100, LeaseRules.STOCK, new ByteBounds(Integer.MAX_VALUE, 10_000, Long.MAX_VALUE));

    assertThat(ofSmall.replicated().merge(large, null, 0)).isEqualTo(ReplicatedLeases.FULL);
    assertThat(inLittle.replicated().merge(large, null, 0)).isEqualTo(ReplicatedLeases.FULL);
    assertThat(inLittle.leaseCount()).isZero();
  }

  @Test
  void merge_followerTooFarBehind_isBacklogged() {
    Registry lagging =
        registry(100, LeaseRules.STOCK, new ByteBounds(Integer.MAX_VALUE, Long.MAX_VALUE, 500));
    Change position = lagging.changes().last();
    lagging.changes().addFollower(() -> position);
    for (int i = 0; i < 4; i++) {
      lagging.register(Instances.up("OTHER", "o-" + i, DURATION_SECS), CLIENT);
    }

    assertThat(lagging.replicated().merge(accepted(UP), null, clock.monotonicNs()))
        .isEqualTo(ReplicatedLeases.BACKLOGGED);
  }

  @Test
  void merge_restoredLease_isAnOrdinaryOneEvenIfEqual() {
    InstanceInfo stored = accepted(UP);
    registry.restore(List.of(new PersistedLease(stored, null)));
    assertThat(registry.expectedLeaseCount()).isZero();
    Change before = last();

    int slot = merge(stored, null);

    assertThat(last()).isSameAs(before);
    assertThat(registry.expectedLeaseCount()).isEqualTo(1);
    assertThat(deadline().isUnrenewed()).isFalse();
    assertThat(replicated.find(KEY)).isEqualTo(slot);
  }

  @Test
  void merge_restoredLeaseAtTheTimeOfTheRestoreRenewedLongAgo_isAnOrdinaryOne() {
    registry.restore(List.of(new PersistedLease(accepted(UP), null)));

    replicated.merge(
        accepted(UP).toBuilder().vipAddress("v").build(), null, clock.monotonicNs() - DURATION_NS);

    assertThat(deadline().isUnrenewed()).isFalse();
    assertThat(registry.leaseCounts().renewalsPerMinute()).isEqualTo(60);
  }

  // ---- overrides and removals

  @Test
  void merge_overrideOfAServingInstance_changesTheStatus() {
    int slot = merge(accepted(UP), null);

    assertThat(merge(accepted(UP), OUT_OF_SERVICE)).isEqualTo(slot);

    assertThat(at(slot).instance().status()).isEqualTo(OUT_OF_SERVICE);
    assertThat(at(slot).override()).isEqualTo(OUT_OF_SERVICE);
    assertThat(last().origin()).isEqualTo(MEMBER);
    assertThat(last().cause()).isEqualTo(Cause.AMENDMENT);
  }

  @Test
  void merge_sameOverride_changesNothing() {
    int slot = merge(accepted(UP), OUT_OF_SERVICE);
    Change before = last();

    assertThat(merge(accepted(UP), OUT_OF_SERVICE)).isEqualTo(slot);

    assertThat(last()).isSameAs(before);
  }

  @Test
  void remove_validLease_isRemovedAsAMember() {
    int slot = merge(accepted(UP), null);

    assertThat(replicated.remove(slot, Cause.CANCEL)).isTrue();

    assertThat(registry.leaseCount()).isZero();
    assertThat(last().isRemoval()).isTrue();
    assertThat(last().slot()).isEqualTo(slot);
    assertThat(last().origin()).isEqualTo(MEMBER);
    assertThat(registry.recentEvents().cancelled().latest()).hasSize(1);
    assertThat(registry.counters().cancellations()).isZero();
    assertThat(replicated.remove(slot, Cause.CANCEL)).isFalse();
  }

  @Test
  void remove_evictedAtAnotherMember_isRecordedAsEviction() {
    int slot = merge(accepted(UP), null);

    replicated.remove(slot, Cause.EVICTION);

    assertThat(last().cause()).isEqualTo(Cause.EVICTION);
    assertThat(registry.recentEvents().evicted().latest())
        .extracting(RecentEventLog.Eviction::by)
        .containsExactly(MEMBER);
    assertThat(registry.counters().evictions()).isZero();
  }

  @Test
  void remove_otherCause_isRefused() {
    int slot = merge(accepted(UP), null);

    assertThatThrownBy(() -> replicated.remove(slot, Cause.AMENDMENT))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- renewals

  @Test
  void renew_severalSlots_renewsThoseWithALease() {
    int[] slots = new int[201];
    for (int i = 0; i < 200; i++) {
      InstanceInfo instance = accepted(UP).toBuilder().instanceId("n-" + i).build();
      slots[i] = merge(instance, null);
    }
    slots[200] = 9_999;
    clock.advanceMs(60_000);
    int cancelled = slots[70];
    registry.cancel(at(cancelled).instance().key(), CLIENT);
    int beyondCount = slots[199];

    assertThat(replicated.renew(slots, 199, clock.monotonicNs(), false)).isEqualTo(198);
    assertThat(replicated.renew(slots, 0, clock.monotonicNs(), false)).isZero();

    clock.advanceMs(2 * DURATION_SECS * 1_000);
    assertThat(replicated.isExpired(slots[0], clock.monotonicNs())).isFalse();
    assertThat(replicated.isExpired(slots[198], clock.monotonicNs())).isFalse();
    assertThat(replicated.isExpired(beyondCount, clock.monotonicNs())).isTrue();
    assertThat(replicated.renew(new int[] {slots[200]}, 1, clock.monotonicNs(), false))
        .isZero();
  }

  @Test
  void renew_isCountedForSelfPreservationButNotAsHeartbeat() {
    int slot = merge(accepted(UP), null);

    replicated.renew(new int[] {slot, slot}, 2, clock.monotonicNs(), false);

    assertThat(registry.renewal().replicatedCount()).isEqualTo(2);
    assertThat(registry.renewal().clusterCount()).isEqualTo(2);
    assertThat(registry.renewal().count()).isZero();
  }

  /** The member that took the heartbeat applies it and sends the result. */
  @Test
  void renew_pendingOverride_isLeftToTheOtherMember() {
    int slot = merge(accepted(UP), null);
    registry.statusOverrides().adopt(KEY, OUT_OF_SERVICE);

    assertThat(replicated.renew(new int[] {slot}, 1, clock.monotonicNs(), false))
        .isEqualTo(1);

    assertThat(at(slot).instance().status()).isEqualTo(UP);
  }

  @Test
  void extend_lateLease_isValidForOneDurationAndNotRenewed() {
    int slot = merge(accepted(UP), null);
    clock.advanceMs(500_000);

    replicated.extend(slot, clock.monotonicNs());
    replicated.extend(slot + 1, clock.monotonicNs());

    assertThat(deadlineNs()).isEqualTo(clock.monotonicNs() + DURATION_NS);
    assertThat(registry.renewal().clusterCount()).isZero();
  }

  @Test
  void queries_slotWithoutLease_reportNone() {
    assertThat(replicated.find(KEY)).isEqualTo(-1);
    assertThat(replicated.at(0)).isNull();
    assertThat(replicated.isExpired(0, clock.monotonicNs())).isTrue();
    assertThat(replicated.lastContactNs(0)).isEqualTo(ReplicatedLeases.NO_CONTACT);
  }

  // ---- the order of changes

  @Test
  void onAppend_everyChange_isTheLastOneAndItsSlotIsNotReused() {
    List<String> seen = new ArrayList<>();
    ChangeLog log = registry.changes();
    log.onAppend(() -> {
      Change change = log.last();
      PersistedLease lease = replicated.at(change.slot());
      String held = lease == null ? "none" : lease.instance().id();
      seen.add(change.cause() + " " + change.document().id() + " " + change.slot() + " " + held);
    });

    registry.restore(List.of(new PersistedLease(accepted(UP), null)));
    merge(accepted(DOWN), null);
    replicated.remove(0, Cause.CANCEL);
    registry.register(Instances.up("DEMO", "i-2", DURATION_SECS), CLIENT);

    assertThat(seen)
        .containsExactly(
            "RESTORATION i-1 0 i-1",
            "REGISTRATION i-1 0 i-1",
            "CANCEL i-1 0 none",
            "REGISTRATION i-2 0 i-2");
  }

  @Test
  void atomically_otherThreads_waitWithTheirChanges() throws InterruptedException {
    Thread other = new Thread(() -> registry.register(instance(UP), CLIENT));

    Change last = registry.atomically(() -> {
      other.start();
      awaitBlocked(other);
      return last();
    });
    other.join(TimeUnit.SECONDS.toMillis(30));

    assertThat(last.next()).isNotNull();
    assertThat(replicated.find(KEY)).isZero();
  }

  /** Listeners must have stamped the eviction before the caller compares stamps. */
  @Test
  void find_leaseThatARunHasEnded_publishesTheEvictionFirst() throws InterruptedException {
    merge(accepted(UP), null);
    clock.advanceMs(500_000);

    Change last = afterEvictionBegan(() -> {
      assertThat(replicated.find(KEY)).isNegative();
      return last();
    });

    assertThat(last.cause()).isEqualTo(Cause.EVICTION);
    assertThat(last.origin()).isEqualTo(NODE);
    assertThat(last()).isSameAs(last);
  }

  @Test
  void merge_leaseThatARunHasEnded_isInsertedAfterItsEnd() throws InterruptedException {
    merge(accepted(UP), null);
    clock.advanceMs(500_000);
    long version = registry.version();

    assertThat(afterEvictionBegan(() -> merge(accepted(UP), null))).isNotNegative();

    assertThat(changesAfter(version))
        .extracting(Change::cause, Change::origin)
        .containsExactly(tuple(Cause.EVICTION, NODE), tuple(Cause.REGISTRATION, MEMBER));
    assertThat(registry.leaseCount()).isEqualTo(1);
  }

  @Test
  void remove_leaseThatARunHasEnded_takesThePlaceOfItsEviction() throws InterruptedException {
    int slot = merge(accepted(UP), null);
    clock.advanceMs(500_000);
    long version = registry.version();

    assertThat(afterEvictionBegan(() -> replicated.remove(slot, Cause.EVICTION)))
        .isTrue();

    assertThat(changesAfter(version)).extracting(Change::origin).containsExactly(MEMBER);
  }

  // ---- fixture

  private Registry registry(int leasesMax, LeaseRules rules, ByteBounds bytes) {
    return new Registry(new RegistrySettings(leasesMax, true, 180_000, 1_000, rules, bytes), clock);
  }

  /** Runs an action while an eviction has ended the lease and waits to publish that. */
  private <T> T afterEvictionBegan(Supplier<T> action) throws InterruptedException {
    List<LeaseDeadline> expired = registry.expiry().expired(0);
    assertThat(expired).hasSize(1);
    Thread run = new Thread(() -> registry.expiry().evict(expired, clock.monotonicNs(), "expired"));
    T result = registry.atomically(() -> {
      run.start();
      awaitBlocked(run);
      return action.get();
    });
    run.join(TimeUnit.SECONDS.toMillis(30));
    return result;
  }

  private static void awaitBlocked(Thread thread) {
    Awaitility.await()
        .pollInSameThread()
        .atMost(Duration.ofSeconds(30))
        .until(() -> thread.getState() == Thread.State.BLOCKED);
  }

  private int merge(InstanceInfo document, @Nullable InstanceStatus override) {
    return replicated.merge(document, override, clock.monotonicNs());
  }

  private static InstanceInfo instance(InstanceStatus status) {
    return Instances.up("DEMO", "i-1", DURATION_SECS).toBuilder().status(status).build();
  }

  /** Returns a document as another member that accepted its registration sends it. */
  private InstanceInfo accepted(InstanceStatus status) {
    long nowMs = clock.wallMs();
    return instance(status).toBuilder()
        .actionType(ActionType.ADDED)
        .lastUpdatedMs(nowMs)
        .leaseInfo(new LeaseInfo(1, DURATION_SECS, nowMs, nowMs, 0, nowMs))
        .build();
  }

  private static InstanceInfo renewedAt(InstanceInfo document, long renewedMs) {
    return document.toBuilder()
        .leaseInfo(document.leaseInfo().renewedAt(renewedMs))
        .build();
  }

  private PersistedLease at(int slot) {
    return requireNonNull(replicated.at(slot));
  }

  private LeaseDeadline deadline() {
    return requireNonNull(registry.expiry().deadline(KEY));
  }

  private long deadlineNs() {
    return deadline().deadlineNs();
  }

  private Change last() {
    return registry.changes().last();
  }

  private boolean changedHere() {
    boolean[] isChangedHere = new boolean[1];
    registry.forEachSlot((slot, instance, changed, outdated) -> isChangedHere[0] |= changed);
    return isChangedHere[0];
  }

  private List<Change> changesAfter(long version) {
    List<Change> changes = new ArrayList<>();
    Change change = requireNonNull(registry.changes().at(version)).next();
    for (; change != null; change = change.next()) {
      changes.add(change);
    }
    return changes;
  }
}
