// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.PersistedLease;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PersistedLeasesTest {
  private final PersistedLeases leases = new PersistedLeases();

  @Test
  void put_anInstanceAgain_replacesItInPlace() {
    leases.put(lease("A", "1", 1));
    leases.put(lease("A", "2", 1));

    leases.put(lease("A", "1", 2));

    assertThat(leases).containsExactly(lease("A", "1", 2), lease("A", "2", 1)).hasSize(2);
  }

  @Test
  void put_afterARemoval_isLast() {
    leases.put(lease("A", "1", 1));
    leases.put(lease("A", "2", 1));

    leases.remove(new InstanceKey("A", "1"));
    leases.put(lease("A", "1", 2));

    assertThat(leases).containsExactly(lease("A", "2", 1), lease("A", "1", 2)).hasSize(2);
  }

  @Test
  void put_sameTextSplitDifferently_isAnotherInstance() {
    leases.put(lease("A", "BC", 1));
    leases.put(lease("AB", "C", 1));

    assertThat(leases).hasSize(2);
  }

  @Test
  void remove_unknownInstance_changesNothing() {
    leases.put(lease("A", "1", 1));

    leases.remove(new InstanceKey("A", "2"));

    assertThat(leases).containsExactly(lease("A", "1", 1));
  }

  @Test
  void clear_someLeases_leavesNoneAndAcceptsNewOnes() {
    leases.put(lease("A", "1", 1));

    leases.clear();
    leases.put(lease("A", "2", 1));

    assertThat(leases).containsExactly(lease("A", "2", 1));
  }

  @Test
  void next_allVisited_throws() {
    Iterator<PersistedLease> none = leases.iterator();

    assertThat(none.hasNext()).isFalse();
    assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void putAndRemove_atRandom_matchALinkedHashMap() {
    Random random = new Random(7);
    Map<InstanceKey, PersistedLease> expected = new LinkedHashMap<>();

    for (int i = 0; i < 20_000; i++) {
      PersistedLease lease = lease("APP-" + random.nextInt(3), "i" + random.nextInt(400), i);
      InstanceKey key = lease.instance().key();
      if (random.nextInt(3) == 0) {
        expected.remove(key);
        leases.remove(key);
      } else {
        expected.put(key, lease);
        leases.put(lease);
      }
    }

    assertThat(leases).containsExactlyElementsOf(expected.values()).hasSize(expected.size());
  }

  private static PersistedLease lease(String app, String id, long dirtyMs) {
    InstanceInfo instance =
        InstanceInfo.builder().app(app).instanceId(id).lastDirtyMs(dirtyMs).build();
    return new PersistedLease(instance, null);
  }
}
