// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.RecentEventLog.InstanceEvent;
import org.junit.jupiter.api.Test;

class RecentEventLogTest {
  private final RecentEventLog<InstanceEvent> events = new RecentEventLog<>();

  @Test
  void latest_newestFirst() {
    events.add(new InstanceEvent(1, new InstanceKey("A", "i"), Origin.CLIENT, null));
    events.add(new InstanceEvent(2, new InstanceKey("B", "i"), Origin.CLIENT, null));

    assertThat(events.latest())
        .containsExactly(
            new InstanceEvent(2, new InstanceKey("B", "i"), Origin.CLIENT, null),
            new InstanceEvent(1, new InstanceKey("A", "i"), Origin.CLIENT, null));
  }

  @Test
  void add_beyondTheBound_dropsTheOldest() {
    InstanceKey key = new InstanceKey("A", "i");
    for (int i = 0; i <= RecentEventLog.EVENTS_MAX; i++) {
      events.add(new InstanceEvent(i, key, Origin.CLIENT, null));
    }

    assertThat(events.latest()).hasSize(1_000);
    assertThat(events.latest().get(0).atMs()).isEqualTo(1_000);
    assertThat(events.latest().get(999).atMs()).isEqualTo(1);
  }

  @Test
  void latest_keptByItsReader_doesNotChange() {
    var before = events.latest();

    events.add(new InstanceEvent(1, new InstanceKey("A", "i"), Origin.CLIENT, null));

    assertThat(before).isEmpty();
  }
}
