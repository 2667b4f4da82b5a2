// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OwnerTableTest {
  private final OwnerTable owners = new OwnerTable();

  @Test
  void slotOf_mappedNumbers_areFound() {
    int a = owners.findOrAdd(-7);
    int b = owners.findOrAdd(8);
    owners.map(a, 0, 0);
    owners.map(a, 1_000_000, 5);
    owners.map(b, 0, 6);

    assertThat(owners.slotOf(a, 0)).isZero();
    assertThat(owners.slotOf(a, 1_000_000)).isEqualTo(5);
    assertThat(owners.slotOf(b, 0)).isEqualTo(6);
    assertThat(owners.slotOf(a, 1)).isEqualTo(-1);
    assertThat(owners.slotOf(b, OwnerTable.NUMBERS_MAX - 1)).isEqualTo(-1);
    assertThat(owners.slotOf(OwnerTable.NONE, 0)).isEqualTo(-1);
    assertThat(owners.leaseCount(a)).isEqualTo(2);
  }

  @Test
  void unmap_numberMappedToAnotherSlotSince_keepsThat() {
    int a = owners.findOrAdd(1);
    owners.map(a, 3, 10);
    owners.map(a, 3, 11);

    owners.unmap(a, 3, 10);

    assertThat(owners.slotOf(a, 3)).isEqualTo(11);
    assertThat(owners.leaseCount(a)).isEqualTo(1);
  }

  @Test
  void release_lastReferenceOutsideTheView_dropsTheOwner() {
    int a = owners.findOrAdd(1);
    owners.setInView(a, true);
    owners.retain(a);
    owners.setInView(a, false);
    assertThat(owners.find(1)).isEqualTo(a);

    owners.release(a);

    assertThat(owners.find(1)).isEqualTo(OwnerTable.NONE);
    assertThat(owners.findOrAdd(2)).isEqualTo(a);
    assertThat(owners.slotOf(a, 0)).isEqualTo(-1);
  }

  @Test
  void release_ofAMemberOfTheView_keepsIt() {
    int a = owners.findOrAdd(1);
    owners.setInView(a, true);
    owners.retain(a);
    owners.release(a);

    assertThat(owners.find(1)).isEqualTo(a);
  }

  @Test
  void findOrAdd_tooMany_returnsNone() {
    for (int epoch = 1; epoch <= OwnerTable.OWNERS_MAX; epoch++) {
      assertThat(owners.findOrAdd(epoch)).isEqualTo(epoch);
    }

    assertThat(owners.hasSpaceFor(-1)).isFalse();
    assertThat(owners.hasSpaceFor(5)).isTrue();
    assertThat(owners.findOrAdd(-1)).isEqualTo(OwnerTable.NONE);
  }
}
