// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.time.ManualClock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A node that starts with its data directory and the registry of a peer; both have DEMO/i-1. */
class RegistryDownloadTest {
  private static final InstanceKey KEY = new InstanceKey("DEMO", "i-1");

  private final ManualClock clock = new ManualClock();
  private final SimulatedNode node = new SimulatedNode(0, clock);
  private final SimulatedNode peer = new SimulatedNode(1, clock);

  /** The override of the data directory would have stayed, and would have been sent to the peer. */
  @ParameterizedTest
  @CsvSource({"OUT_OF_SERVICE,", ", OUT_OF_SERVICE", "OUT_OF_SERVICE, DOWN", "DOWN, DOWN"})
  void restart_overrideChangedMeanwhile_adoptsThatOfThePeer(
      @Nullable InstanceStatus stored, @Nullable InstanceStatus changed) {
    register(node, stored);
    register(peer, changed);

    node.restart(node.journal(), peer);

    assertThat(node.state()).isEqualTo(peer.state());
  }

  @Test
  void restart_newerInTheDataDirectory_staysWithItsOverride() {
    register(peer, null);
    register(node, InstanceStatus.DOWN);
    node.registry()
        .register(
            Instances.up("DEMO", "i-1", 30).toBuilder()
                .lastDirtyMs(Instances.DIRTY_MS + 1)
                .build(),
            Origin.CLIENT);
    List<PersistedLease> journal = node.journal();
    List<String> before = node.state();

    node.restart(journal, peer);

    assertThat(node.state()).isEqualTo(before);
  }

  private static void register(SimulatedNode at, @Nullable InstanceStatus override) {
    at.registry().register(Instances.up("DEMO", "i-1", 30), Origin.CLIENT);
    if (override != null) {
      at.registry().statusOverrides().set(KEY, override, Registry.NO_TIMESTAMP, Origin.CLIENT);
    }
  }
}
