// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.InstanceInfo;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Spec §4.3. */
class ChangeLogTest {
  private static final long RETENTION_MS = 1_000;
  private static final long RETENTION_NS = TimeUnit.MILLISECONDS.toNanos(RETENTION_MS);

  private final ChangeLog changes = new ChangeLog(RETENTION_MS, 4);

  @Test
  void recent_nothingChanged_isEmpty() {
    assertThat(changes.recent(0)).isEmpty();
    assertThat(changes.version()).isZero();
  }

  @Test
  void recent_appsStandInTheOrderOfTheirFirstChangeInstancesInThatOfTheirLast() {
    append("B", "b-1");
    append("A", "a-1");
    append("B", "b-2");
    append("B", "b-1");

    assertThat(names(changes.recent(0))).containsExactly("B/b-2", "B/b-1", "A/a-1");
  }

  @Test
  void recent_ofOneInstance_tellsTheLastChangeOnly() {
    append("A", "a-1");
    InstanceInfo ended =
        Instances.up("A", "a-1", 90).toBuilder().actionType(ActionType.DELETED).build();
    changes.append(ended, 0);

    assertThat(changes.recent(0).get(0).instances()).containsExactly(ended);
    assertThat(changes.version()).isEqualTo(2);
  }

  @Test
  void recent_pastRetention_forgets() {
    changes.append(Instances.up("A", "old", 90), 0);
    changes.append(Instances.up("A", "new", 90), 1);

    assertThat(names(changes.recent(RETENTION_NS))).containsExactly("A/old", "A/new");
    assertThat(names(changes.recent(RETENTION_NS + 1))).containsExactly("A/new");
    assertThat(names(changes.recent(RETENTION_NS + 2))).isEmpty();
    assertThat(changes.version()).isEqualTo(2);
  }

  @Test
  void append_beyondTheBound_forgetsTheOldest() {
    for (int i = 0; i < 6; i++) {
      append("A", "a-" + i);
    }

    assertThat(names(changes.recent(0))).containsExactly("A/a-2", "A/a-3", "A/a-4", "A/a-5");
    assertThat(changes.version()).isEqualTo(6);
  }

  private void append(String app, String id) {
    changes.append(Instances.up(app, id, 90), 0);
  }

  private static List<String> names(List<Application> applications) {
    return applications.stream()
        .flatMap(application -> application.instances().stream())
        .map(instance -> instance.app() + "/" + instance.id())
        .toList();
  }
}
