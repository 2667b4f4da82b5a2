// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

final class LeaseIndexTest {
  private static final int LEASES = 5_000;
  private static final int ROUNDS = 5_000;

  private final LeaseIndex index = new LeaseIndex(0);
  private final LeaseTable table = new LeaseTable(LEASES, 0, 0);

  private static InstanceInfo instance(String id) {
    return InstanceInfo.builder().instanceId(id).app("DEMO").build();
  }

  private static LookupKey key(String id) {
    return LookupKey.of(instance(id).key());
  }

  private static Lease lease(String id, int slot) {
    return new Lease(key(id), slot, new LeaseHolder(instance(id), null, 0), false);
  }

  private Lease inserted(String id) {
    return requireNonNull(table.insert(slot -> lease(id, slot)));
  }

  /** Returns the ids of two leases that share an entry of an index of initial size. */
  private List<String> colliding() {
    Map<Integer, String> byEntry = new HashMap<>();
    for (int i = 0; ; i++) {
      String id = "i-" + i;
      String other = byEntry.put(key(id).hash & (index.length() - 1), id);
      if (other != null) {
        return List.of(other, id);
      }
    }
  }

  private List<Lease> collidingLeases() {
    return colliding().stream().map(id -> lease(id, 0)).toList();
  }

  // ---------------------------------------------------------------- entries

  @Test
  void offer_entryOfALiveLease_keepsIt() {
    List<Lease> leases = collidingLeases();

    index.offer(leases.get(0));
    index.offer(leases.get(1));

    assertThat(index.entry(leases.get(1).hash)).isSameAs(leases.get(0));
  }

  @Test
  void offer_entryOfAnEndedLease_replacesIt() {
    List<Lease> leases = collidingLeases();
    index.offer(leases.get(0));
    leases.get(0).cancel();

    index.offer(leases.get(1));

    assertThat(index.entry(leases.get(1).hash)).isSameAs(leases.get(1));
  }

  /** As by a lookup that found the lease just before it was removed. */
  @Test
  void offer_endedLease_isNotKept() {
    Lease lease = lease("i-1", 0);
    lease.cancel();
    index.remove(lease);

    index.offer(lease);

    assertThat(index.entry(lease.hash)).isNull();
  }

  @Test
  void remove_leaseWithoutEntry_keepsTheOther() {
    List<Lease> leases = collidingLeases();
    index.offer(leases.get(0));
    leases.get(1).cancel();

    index.remove(leases.get(1));

    assertThat(index.entry(leases.get(0).hash)).isSameAs(leases.get(0));
  }

  /** An ended lease must not stay reachable, whichever of the two comes first. */
  @Test
  void remove_whileALookupOffersTheLease_leavesTheEntryEmpty() throws Exception {
    List<Lease> leases =
        IntStream.range(0, ROUNDS).mapToObj(i -> lease("i-1", 0)).toList();
    CyclicBarrier barrier = new CyclicBarrier(2);
    Thread lookups = new Thread(() -> leases.forEach(lease -> {
      await(barrier);
      index.offer(lease);
      await(barrier);
    }));
    lookups.start();

    for (Lease lease : leases) {
      await(barrier);
      lease.cancel();
      index.remove(lease);
      await(barrier);
      assertThat(index.entry(lease.hash)).isNull();
    }

    lookups.join();
  }

  private static void await(CyclicBarrier barrier) {
    try {
      barrier.await(30, TimeUnit.SECONDS);
    } catch (Exception late) {
      throw new IllegalStateException(late);
    }
  }

  /** As between the offer of a lookup that was overtaken by the removal, and its second read. */
  @Test
  void find_entryOfAnEndedLease_findsNone() {
    Lease lease = lease("i-1", 0);
    index.offer(lease);
    Lease live = index.find(key("i-1"));

    lease.cancel();

    assertThat(live).isSameAs(lease);
    assertThat(index.entry(lease.hash)).isSameAs(lease);
    assertThat(index.find(key("i-1"))).isNull();
  }

  // ---------------------------------------------------------------- size

  @Test
  void growFor_moreThanHalfTheEntries_hasFourTimesAsMany() {
    int before = index.length();

    index.growFor(before / 2);
    int atHalf = index.length();
    index.growFor(before / 2 + 1);

    assertThat(atHalf).isEqualTo(before);
    assertThat(index.length()).isEqualTo(4 * before);
  }

  @Test
  void length_anyNumberOfLeases_isWithinTheCountedBytes() {
    int emptyBytes = Integer.BYTES * index.length();

    for (int leases = 0; leases < 200_000; leases += 7) {
      index.growFor(leases);

      assertThat(Integer.BYTES * index.length())
          .isLessThanOrEqualTo(emptyBytes + leases * LeaseIndex.BYTES_PER_LEASE);
      assertThat(index.length()).isGreaterThanOrEqualTo(2 * leases);
    }
  }

  @Test
  void lengthFor_moreLeasesThanEntries_isBounded() {
    assertThat(LeaseIndex.lengthFor(100_000_000)).isEqualTo(1 << 28);
    assertThat(LeaseIndex.lengthFor(Integer.MAX_VALUE)).isEqualTo(1 << 28);
  }

  // ---------------------------------------------------------------- lookups

  @Test
  void find_keyWithTheEntryOfAnotherLease_findsItsOwn() {
    List<String> ids = colliding();
    Lease first = inserted(ids.get(0));
    boolean isMissing = table.find(key(ids.get(1))) == null;

    Lease second = inserted(ids.get(1));

    assertThat(isMissing).isTrue();
    assertThat(table.find(key(ids.get(0)))).isSameAs(first);
    assertThat(table.find(key(ids.get(1)))).isSameAs(second);
  }

  /** The application ends at another slash: the same bytes, but another instance. */
  @Test
  void find_sameBytesOfAnotherApplication_findsNone() {
    InstanceInfo stored = InstanceInfo.builder().app("A").instanceId("B/c").build();
    InstanceInfo other = InstanceInfo.builder().app("A/B").instanceId("c").build();
    LookupKey storedKey = LookupKey.of(stored.key());
    Lease lease =
        table.insert(slot -> new Lease(storedKey, slot, new LeaseHolder(stored, null, 0), false));

    assertThat(table.find(storedKey)).isSameAs(lease);
    assertThat(table.find(LookupKey.of(other.key()))).isNull();
  }

  @Test
  void find_keyRegisteredAgain_findsTheNewLease() {
    Lease older = inserted("i-1");
    older.cancel();
    Lease ended = table.find(key("i-1")); // not removed yet
    table.remove(older);
    Lease none = table.find(key("i-1"));

    Lease newer = inserted("i-1");

    assertThat(ended).isSameAs(older);
    assertThat(none).isNull();
    assertThat(table.find(key("i-1"))).isSameAs(newer);
  }

  @Test
  void find_afterGrowths_findsEachAndKeepsNoneThatWasRemoved() {
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < LEASES; i++) {
      leases.add(inserted("i-" + i));
    }

    for (int i = 0; i < LEASES; i += 2) {
      leases.get(i).cancel();
      table.remove(leases.get(i));
    }

    for (int i = 0; i < LEASES; i++) {
      assertThat(table.find(key("i-" + i))).isSameAs(i % 2 == 0 ? null : leases.get(i));
    }
    assertThat(table.index.length()).isGreaterThanOrEqualTo(2 * LEASES);
  }

  @Test
  void remove_leaseThatWasFound_leavesItUnreachable() {
    WeakReference<Lease> removed = new WeakReference<>(inserted("i-1"));
    endAndRemove("i-1");

    // A stack may refer to it for one collection more.
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> {
      System.gc();
      return removed.get() == null;
    });
  }

  private void endAndRemove(String id) {
    Lease lease = requireNonNull(table.find(key(id)));
    lease.cancel();
    table.remove(lease);
  }

  @Test
  void prefetch_anyKey_changesNothing() {
    Lease lease = inserted("i-1");
    long deadlineNs = lease.deadlineNs();

    table.prefetch(key("i-1"));
    table.prefetch(key("unknown"));

    assertThat(table.find(key("i-1"))).isSameAs(lease);
    assertThat(lease.deadlineNs()).isEqualTo(deadlineNs);
  }
}
