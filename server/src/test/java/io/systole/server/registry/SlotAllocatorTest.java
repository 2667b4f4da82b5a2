// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.LeaseKey.LookupKey;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SlotAllocatorTest {
  @Test
  void take_afterRelease_givesTheLowestFreeNumber() {
    SlotAllocator slots = new SlotAllocator(10_000);
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 5_000; i++) {
      leases.add(take(slots));
    }
    slots.release(leases.get(4_321));
    slots.release(leases.get(7));

    assertThat(take(slots).slot).isEqualTo(7);
    assertThat(take(slots).slot).isEqualTo(4_321);
    assertThat(take(slots).slot).isEqualTo(5_000);
  }

  @Test
  void take_whenFull_givesNone() {
    SlotAllocator slots = new SlotAllocator(2);
    Lease first = take(slots);
    take(slots);

    assertThat(slots.reserve()).isEqualTo(SlotAllocator.NONE);

    slots.release(first);
    assertThat(take(slots).slot).isZero();
    assertThat(slots.reserve()).isEqualTo(SlotAllocator.NONE);
  }

  @Test
  void limit_belowTheNumbersInUse_givesNoneUntilEnoughAreReleased() {
    SlotAllocator slots = new SlotAllocator(3);
    Lease first = take(slots);
    Lease second = take(slots);
    take(slots);

    slots.limit(2);

    slots.release(first);
    assertThat(slots.reserve()).isEqualTo(SlotAllocator.NONE);
    slots.release(second);
    assertThat(take(slots).slot).isZero();
    assertThat(slots.reserve()).isEqualTo(SlotAllocator.NONE);

    slots.limit(10_000);
    for (int i = 0; i < 9_998; i++) {
      take(slots);
    }
    assertThat(slots.reserve()).isEqualTo(SlotAllocator.NONE);
  }

  @Test
  void generation_ofAReusedNumber_isTheNext() {
    SlotAllocator slots = new SlotAllocator(10_000);
    Lease first = take(slots);
    for (int i = 0; i < 5_000; i++) {
      take(slots);
    }
    assertThat(slots.generation(0)).isZero();
    slots.release(first);

    take(slots);

    assertThat(slots.generation(0)).isEqualTo(1);
    assertThat(slots.generation(5_000)).isZero();
  }

  @Test
  void reserve_generationsUsedUp_leavesTheNumberUnused() {
    SlotAllocator slots = new SlotAllocator(2, 1);
    slots.release(take(slots));
    slots.release(take(slots));

    assertThat(slots.generation(0)).isEqualTo(1);
    assertThat(take(slots).slot).isEqualTo(1);
    assertThat(take(slots).slot).isEqualTo(2);
    assertThat(slots.reserve()).isEqualTo(SlotAllocator.NONE);
  }

  @Test
  void advance_generationsUsedUp_hasNoneUntilTheNumberIsReleased() {
    SlotAllocator slots = new SlotAllocator(2, 1);
    Lease first = take(slots);

    assertThat(slots.advance(0)).isTrue();
    assertThat(slots.advance(0)).isFalse();
    assertThat(slots.advance(0)).isFalse();
    assertThat(slots.generation(0)).isEqualTo(SlotAllocator.NONE);

    slots.release(first);
    assertThat(take(slots).slot).isEqualTo(1);
    assertThat(slots.generation(1)).isZero();
  }

  @Test
  void forEach_afterReleases_visitsTheRest() {
    SlotAllocator slots = new SlotAllocator(10_000);
    List<Lease> leases = new ArrayList<>();
    for (int i = 0; i < 9_000; i++) {
      leases.add(take(slots));
    }
    for (int i = 0; i < 4_500; i++) {
      slots.release(leases.get(i));
    }
    List<Integer> visited = new ArrayList<>();

    slots.forEach(lease -> visited.add(lease.slot));

    assertThat(visited).hasSize(4_500).startsWith(4_500).endsWith(8_999).isSorted();
  }

  private static Lease take(SlotAllocator slots) {
    Lease lease = lease(slots.reserve());
    slots.put(lease);
    return lease;
  }

  private static Lease lease(int slot) {
    return new Lease(
        LookupKey.of(new InstanceKey("A", "i-" + slot)),
        slot,
        new LeaseHolder(Instances.up("A", "i-" + slot, 90), null, 0),
        false);
  }
}
