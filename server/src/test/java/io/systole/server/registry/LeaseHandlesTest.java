// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static io.systole.protocol.model.InstanceStatus.DOWN;
import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UNKNOWN;
import static io.systole.protocol.model.InstanceStatus.UP;
import static io.systole.server.registry.Instances.DIRTY_MS;
import static io.systole.server.registry.Origin.CLIENT;
import static io.systole.server.registry.Registry.NO_TIMESTAMP;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.Repetitions;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.renewal.LeaseHandle;
import io.systole.protocol.renewal.MalformedRenewalsException;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Renewals by handle: the right leases, and never another one. */
class LeaseHandlesTest {
  private static final int DURATION_SECS = 90;
  private static final long LATER_MS = TimeUnit.SECONDS.toMillis(60);
  private static final long SEED = 20_261_123;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(100_000, true, 180_000, 1_000), clock);
  private final LeaseHandles handles = registry.handles();
  private final RenewedSlots recorder = new RenewedSlots();
  private final int[] positions = new int[RenewalFrame.RENEWALS_MAX];

  // ---- handles that are valid

  @Test
  void renew_validHandles_areHeartbeatsInEveryRespect() {
    LeaseHandle first = register("i-1");
    LeaseHandle second = register("i-2");
    clock.advanceMs(LATER_MS);

    assertThat(refused(first, second)).isEmpty();

    assertThat(lastContactNs("i-1")).isEqualTo(clock.monotonicNs());
    assertThat(lastContactNs("i-2")).isEqualTo(clock.monotonicNs());
    assertThat(registry.renewal().count(RenewOutcome.RENEWED)).isEqualTo(2);
    assertThat(registry.renewal().count()).isEqualTo(2);
    assertThat(BitSet.valueOf(recorder.take()).stream())
        .containsExactly(first.slot(), second.slot());
    assertThat(handles.frameCount()).isEqualTo(1);
    assertThat(handles.renewedCount()).isEqualTo(2);
    assertThat(handles.refusedCount()).isZero();
  }

  @Test
  void renew_manyLeases_samplesTheirIntervalsAsHeartbeatsDo() {
    List<LeaseHandle> all = new ArrayList<>();
    for (int i = 0; i < 6_400; i++) {
      all.add(register("i-" + i));
    }
    clock.advanceMs(LATER_MS);
    refused(all.toArray(LeaseHandle[]::new));
    AtomicInteger samples = new AtomicInteger();

    registry.renewal().deliverSamples((app, interval, gapNs) -> samples.incrementAndGet());

    assertThat(samples.get()).isEqualTo(100);
  }

  @Test
  void renew_registeredAgainWithTheSameTimestamp_keepsItsHandle() {
    LeaseHandle handle = register("i-1");

    assertThat(register("i-1")).isEqualTo(handle);
    assertThat(refused(handle)).isEmpty();
  }

  /** An expired lease that is not evicted yet can be renewed (spec §2.2). */
  @Test
  void renew_expiredLease_isRenewed() {
    LeaseHandle handle = register("i-1");
    clock.advanceMs(TimeUnit.SECONDS.toMillis(DURATION_SECS) + 1);

    assertThat(refused(handle)).isEmpty();
    assertThat(registry.expiry().evictExpired(0)).isZero();
  }

  // ---- handles that have become invalid

  @Test
  void renew_slotOfAnotherLease_isRefusedAndDoesNotRenewIt() {
    LeaseHandle old = register("i-1");
    registry.cancel(key("i-1"), CLIENT);
    LeaseHandle next = register("i-2");
    long before = lastContactNs("i-2");
    clock.advanceMs(LATER_MS);

    assertThat(next.slot()).isEqualTo(old.slot());
    assertThat(refused(old)).containsExactly(0);
    assertThat(lastContactNs("i-2")).isEqualTo(before);
    assertThat(recorder.take()).isEmpty();
    assertThat(registry.renewal().count()).isZero();
    assertThat(refused(next)).isEmpty();
  }

  @Test
  void renew_sameInstanceInALaterLease_isRefused() {
    LeaseHandle old = register("i-1");
    clock.advanceMs(TimeUnit.SECONDS.toMillis(DURATION_SECS) + 1);
    assertThat(registry.expiry().evictExpired(0)).isEqualTo(1);
    assertThat(refused(old)).containsExactly(0);

    register("i-1");

    assertThat(refused(old)).containsExactly(0);
  }

  @Test
  void renew_neverAssignedHandles_areRefused() {
    LeaseHandle handle = register("i-1");
    long epoch = handle.epoch();

    assertThat(refused(
            new LeaseHandle(epoch, 1, 0),
            new LeaseHandle(epoch, 0, 1),
            new LeaseHandle(epoch, Integer.MAX_VALUE, Integer.MAX_VALUE)))
        .containsExactly(0, 1, 2);
  }

  @Test
  void renew_afterARegistrationWithAnotherTimestamp_isRefusedForTheOldHandle() {
    LeaseHandle old = register("i-1");

    registry.register(instance("i-1").toBuilder().lastDirtyMs(DIRTY_MS + 1).build(), CLIENT);

    assertThat(refused(old)).containsExactly(0);
    // As row 7 of spec §2.2: its heartbeats would renew the lease.
    assertThat(refused(requireNonNull(find("i-1", DIRTY_MS)))).isEmpty();
  }

  @Test
  void renew_afterAnOverrideWithAnotherTimestamp_isRefusedForTheOldHandle() {
    LeaseHandle old = register("i-1");

    registry.statusOverrides().set(key("i-1"), DOWN, DIRTY_MS + 1, CLIENT);

    assertThat(refused(old)).containsExactly(0);
    assertThat(refused(requireNonNull(find("i-1", DIRTY_MS + 1)))).isEmpty();
  }

  @Test
  void renew_afterTheRecordOfAnotherMemberWithAnOlderTimestamp_isRefused() {
    LeaseHandle old = register("i-1");
    long nowMs = clock.wallMs();
    InstanceInfo record = instance("i-1").toBuilder()
        .actionType(ActionType.ADDED)
        .lastUpdatedMs(nowMs)
        .lastDirtyMs(DIRTY_MS - 1)
        .leaseInfo(new LeaseInfo(1, DURATION_SECS, nowMs, nowMs, 0, nowMs))
        .build();

    assertThat(registry.replicated().merge(record, null, clock.monotonicNs()))
        .isEqualTo(old.slot());

    assertThat(refused(old)).containsExactly(0);
    assertThat(find("i-1", DIRTY_MS)).as("of a client that must register").isNull();
  }

  // ---- heartbeats that do more than move the deadline

  @Test
  void renew_statusUnknown_isRefused() {
    LeaseHandle handle = register("i-1");
    registry.statusOverrides().set(key("i-1"), DOWN, NO_TIMESTAMP, CLIENT);
    registry.statusOverrides().remove(key("i-1"), UNKNOWN, NO_TIMESTAMP, CLIENT);

    assertThat(refused(handle)).containsExactly(0);
    assertThat(registry.renewal().count(RenewOutcome.STATUS_UNKNOWN)).isZero();
  }

  @Test
  void renew_overrideIsDue_isRefusedUntilAHeartbeatHasAppliedIt() {
    LeaseHandle handle = register("i-1");
    registry.statusOverrides().adopt(key("i-1"), OUT_OF_SERVICE);

    assertThat(refused(handle)).containsExactly(0);
    assertThat(requireNonNull(registry.find(key("i-1"))).status()).isEqualTo(UP);

    registry.renew(LookupKey.of(key("i-1")), clock.monotonicNs(), DIRTY_MS, CLIENT);
    assertThat(requireNonNull(registry.find(key("i-1"))).status()).isEqualTo(OUT_OF_SERVICE);
    assertThat(refused(handle)).isEmpty();
  }

  @Test
  void renew_senderOfAnotherApplication_isRefused() {
    LeaseHandle own = register("i-1");
    registry.register(Instances.up("OTHER", "i-1", DURATION_SECS), CLIENT);
    LeaseHandle others =
        requireNonNull(handles.find(LookupKey.of(new InstanceKey("OTHER", "i-1")), DIRTY_MS));

    assertThat(refused("DEMO"::equals, own, others)).containsExactly(1);
  }

  @Test
  void renew_frameOfAnotherEpoch_throws() throws Exception {
    RenewalFrame frame = new RenewalFrame();
    frame.decode(RenewalFrameEncoder.encode(handles.epoch() + 1, new long[] {0}, 1));

    assertThatThrownBy(() -> handles.renew(frame, clock.monotonicNs(), null, recorder, positions))
        .isInstanceOf(IllegalArgumentException.class);
  }

  // ---- handles that are requested

  @Test
  void find_noLeaseOrNewerClient_isNull() {
    assertThat(find("i-1", DIRTY_MS)).isNull();
    register("i-1");

    assertThat(find("i-1", DIRTY_MS + 1)).isNull();
    assertThat(find("i-1", DIRTY_MS)).isEqualTo(find("i-1", NO_TIMESTAMP)).isNotNull();
    registry.cancel(key("i-1"), CLIENT);
    assertThat(find("i-1", DIRTY_MS)).isNull();
  }

  @Test
  void epoch_ofTwoRegistries_differs() {
    Registry other = new Registry(new RegistrySettings(1, true, 180_000, 1), clock);

    assertThat(other.handles().epoch()).isNotEqualTo(handles.epoch());
  }

  // ---- many

  @Test
  @Tag("randomized")
  void renew_anyMixOfHandles_refusesExactlyTheInvalidOnes() {
    Random random = new Random(SEED);
    for (int round = Repetitions.of(30); round > 0; round--) {
      int count = 1 + random.nextInt(700);
      List<LeaseHandle> frame = new ArrayList<>();
      List<LeaseHandle> invalid = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        LeaseHandle handle = register("i-" + i);
        frame.add(handle);
        if (random.nextInt(8) == 0) {
          registry.cancel(key("i-" + i), CLIENT);
          invalid.add(handle);
          if (random.nextBoolean()) {
            register("other-" + random.nextInt(1_000));
          }
        }
      }
      frame.sort(Comparator.comparingLong(LeaseHandle::key));
      int[] expected = invalid.stream().mapToInt(frame::indexOf).sorted().toArray();

      assertThat(refused(frame.toArray(LeaseHandle[]::new)))
          .as("seed %d, round %d", SEED, round)
          .containsExactly(expected);
      for (int i = 0; i < count; i++) {
        registry.cancel(key("i-" + i), CLIENT);
      }
    }
  }

  /**
   * One thread ends a lease and gives its slot to another, over and over, while another thread
   * sends the handle of the first. The clock of the frames is an hour ahead, which shows in any
   * lease that they renew.
   */
  @Test
  @Tag("randomized")
  void renew_whileSlotsAreReused_neverRenewsAnotherLease() throws Exception {
    long aheadNs = clock.monotonicNs() + TimeUnit.HOURS.toNanos(1);
    AtomicReference<@Nullable LeaseHandle> current = new AtomicReference<>();
    AtomicInteger accepted = new AtomicInteger();
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Thread sender = new Thread(() -> {
      try {
        int[] refusedPositions = new int[1];
        RenewalFrame frame = new RenewalFrame();
        for (LeaseHandle handle; (handle = current.get()) != null; ) {
          frame.decode(RenewalFrameEncoder.encode(handle.epoch(), new long[] {handle.key()}, 1));
          int refused = handles.renew(frame, aheadNs, null, RenewedSlots.NONE, refusedPositions);
          accepted.addAndGet(1 - refused);
        }
      } catch (MalformedRenewalsException | RuntimeException thrown) {
        failure.set(thrown);
      }
    });
    current.set(register("known"));
    sender.start();
    int reused = 0;
    try {
      for (int i = Repetitions.of(20_000); i > 0; i--) {
        LeaseHandle known = requireNonNull(current.get());
        registry.cancel(key("known"), CLIENT);
        LeaseHandle other = register("other");
        reused += other.slot() == known.slot() ? 1 : 0;
        Thread.onSpinWait();
        assertThat(lastContactNs("other")).isLessThan(aheadNs);
        registry.cancel(key("other"), CLIENT);
        current.set(register("known"));
      }
    } finally {
      current.set(null);
      sender.join(TimeUnit.SECONDS.toMillis(30));
    }

    assertThat(failure.get()).isNull();
    assertThat(reused).isGreaterThan(10_000);
    assertThat(accepted.get()).isPositive();
  }

  private static InstanceKey key(String id) {
    return new InstanceKey("DEMO", id);
  }

  private static InstanceInfo instance(String id) {
    return Instances.up("DEMO", id, DURATION_SECS);
  }

  private LeaseHandle register(String id) {
    registry.register(instance(id), CLIENT);
    return requireNonNull(find(id, DIRTY_MS));
  }

  private @Nullable LeaseHandle find(String id, long dirtyMs) {
    return handles.find(LookupKey.of(key(id)), dirtyMs);
  }

  private long lastContactNs(String id) {
    return registry.replicated().lastContactNs(registry.replicated().find(key(id)));
  }

  private int[] refused(LeaseHandle... ordered) {
    return refused(null, ordered);
  }

  /** Sends a frame now; returns the positions that were refused. */
  private int[] refused(@Nullable Predicate<String> mayRenew, LeaseHandle... ordered) {
    long[] keys = Arrays.stream(ordered).mapToLong(LeaseHandle::key).toArray();
    RenewalFrame frame = new RenewalFrame();
    try {
      frame.decode(RenewalFrameEncoder.encode(handles.epoch(), keys, keys.length));
    } catch (MalformedRenewalsException malformed) {
      throw new AssertionError(malformed);
    }
    int count = handles.renew(frame, clock.monotonicNs(), mayRenew, recorder, positions);
    return Arrays.copyOf(positions, count);
  }
}
