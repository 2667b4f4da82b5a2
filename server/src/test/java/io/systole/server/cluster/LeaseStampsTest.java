// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LeaseStampsTest {
  private final LeaseStamps stamps = new LeaseStamps();

  private void add(int slot, long hash) {
    stamps.add(slot, hash);
    stamps.setRecordStamp(slot, slot + 1L, slot + 2L, 65_535, slot + 3);
    stamps.setOverride(slot, slot + 4L, 65_534, 2);
  }

  private Set<Integer> bucket(int bucket) {
    Set<Integer> slots = new TreeSet<>();
    for (int slot = stamps.first(bucket); slot != LeaseStamps.NONE; slot = stamps.next(slot)) {
      assertThat(slots.add(slot)).isTrue();
    }
    return slots;
  }

  @Test
  void add_slotsBeyondTheCapacity_keepsAll() {
    add(1, 7);
    add(1_000_000, 8);

    assertThat(stamps.isKnown(0)).isFalse();
    assertThat(stamps.isKnown(2_000_000)).isFalse();
    assertThat(stamps.lastRenewer(2_000_000)).isEqualTo(OwnerTable.NONE);
    assertThat(stamps.keyHash(1)).isEqualTo(7);
    assertThat(stamps.rank(1)).isEqualTo(2);
    assertThat(stamps.hlc(1)).isEqualTo(3);
    assertThat(stamps.owner(1)).isEqualTo(65_535);
    assertThat(stamps.number(1_000_000)).isEqualTo(1_000_003);
    assertThat(stamps.overrideHlc(1_000_000)).isEqualTo(1_000_004);
    assertThat(stamps.overrideMember(1_000_000)).isEqualTo(65_534);
    assertThat(stamps.overrideCode(1_000_000)).isEqualTo(2);
  }

  @Test
  void remove_thenAdd_hasNoOldOverride() {
    add(3, 7);
    stamps.remove(3);
    assertThat(stamps.isKnown(3)).isFalse();

    stamps.add(3, 9);
    stamps.setRecordStamp(3, 1, 1, 1, 1);

    assertThat(stamps.overrideMember(3)).isEqualTo(OwnerTable.NONE);
    assertThat(stamps.overrideHlc(3)).isZero();
  }

  @Test
  void buckets_afterManyChanges_haveTheirSlots() {
    SplittableRandom random = new SplittableRandom(5);
    Set<Integer> odd = new TreeSet<>();
    Set<Integer> even = new TreeSet<>();
    for (int i = 0; i < 20_000; i++) {
      int slot = random.nextInt(2_000);
      Set<Integer> model = slot % 2 == 0 ? even : odd;
      if (model.remove(slot)) {
        stamps.remove(slot);
      } else {
        add(slot, slot % 2 == 0 ? 5L : 1L << 54);
        model.add(slot);
      }
    }

    assertThat(bucket(0)).isEqualTo(even);
    assertThat(bucket(1)).isEqualTo(odd);
    assertThat(bucket(2)).isEmpty();
  }
}
