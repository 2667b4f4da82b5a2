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
  private final PersistedLeases holdings = new PersistedLeases();

  @Test
  void put_anInstanceAgain_replacesItInItsPlace() {
    holdings.put(holding("A", "1", 1));
    holdings.put(holding("A", "2", 1));

    holdings.put(holding("A", "1", 2));

    assertThat(holdings)
        .containsExactly(holding("A", "1", 2), holding("A", "2", 1))
        .hasSize(2);
  }

  @Test
  void put_afterARemoval_isBehindAllOthers() {
    holdings.put(holding("A", "1", 1));
    holdings.put(holding("A", "2", 1));

    holdings.remove(new InstanceKey("A", "1"));
    holdings.put(holding("A", "1", 2));

    assertThat(holdings)
        .containsExactly(holding("A", "2", 1), holding("A", "1", 2))
        .hasSize(2);
  }

  @Test
  void put_textPartedOtherwise_isAnotherInstance() {
    holdings.put(holding("A", "BC", 1));
    holdings.put(holding("AB", "C", 1));

    assertThat(holdings).hasSize(2);
  }

  @Test
  void remove_unknownInstance_changesNothing() {
    holdings.put(holding("A", "1", 1));

    holdings.remove(new InstanceKey("A", "2"));

    assertThat(holdings).containsExactly(holding("A", "1", 1));
  }

  @Test
  void clear_someHoldings_leavesNoneAndTakesNewOnes() {
    holdings.put(holding("A", "1", 1));

    holdings.clear();
    holdings.put(holding("A", "2", 1));

    assertThat(holdings).containsExactly(holding("A", "2", 1));
  }

  @Test
  void next_allVisited_throws() {
    Iterator<PersistedLease> none = holdings.iterator();

    assertThat(none.hasNext()).isFalse();
    assertThatThrownBy(none::next).isInstanceOf(NoSuchElementException.class);
  }

  @Test
  void putAndRemove_manyAtRandom_holdWhatALinkedMapHolds() {
    Random random = new Random(7);
    Map<InstanceKey, PersistedLease> expected = new LinkedHashMap<>();

    for (int i = 0; i < 20_000; i++) {
      PersistedLease holding = holding("APP-" + random.nextInt(3), "i" + random.nextInt(400), i);
      InstanceKey key = holding.instance().key();
      if (random.nextInt(3) == 0) {
        expected.remove(key);
        holdings.remove(key);
      } else {
        expected.put(key, holding);
        holdings.put(holding);
      }
    }

    assertThat(holdings).containsExactlyElementsOf(expected.values()).hasSize(expected.size());
  }

  private static PersistedLease holding(String app, String id, long dirtyMs) {
    InstanceInfo instance =
        InstanceInfo.builder().app(app).instanceId(id).lastDirtyMs(dirtyMs).build();
    return new PersistedLease(instance, null);
  }
}
