// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.server.peer.RegistryComparison.Difference;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.time.ManualClock;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * The retained part of a registry that a peer has invented; this node has DEMO/i-1 and DEMO/i-2.
 */
class RegistryComparisonTest {
  /** The text of a large instance. */
  private static final int LARGE = 5_000;

  private final ManualClock clock = new ManualClock();

  /** Each was kept, and adopted. */
  @Test
  void compare_newerInstanceIsRepeated_keepsTheLast() throws MalformedDocumentException {
    Difference difference =
        compare(ByteBounds.NONE, newer("i-1", 1, 0), newer("i-1", 3, 0), newer("i-1", 2, 0));

    assertThat(difference.newer())
        .singleElement()
        .extracting(InstanceInfo::lastDirtyMs)
        .isEqualTo(Instances.DIRTY_MS + 2);
  }

  @Test
  void compare_newerInstancesExceedTheBytes_keepsThoseThatFit() throws MalformedDocumentException {
    ByteBounds bounds = new ByteBounds(64 * 1024, 6 * LARGE + 4_000, Long.MAX_VALUE);

    Difference difference =
        compare(bounds, newer("i-1", 1, LARGE), newer("i-1", 2, LARGE), newer("i-2", 1, LARGE));

    assertThat(difference.newer()).extracting(InstanceInfo::id).containsExactly("i-1");
    assertThat(difference.unregistered().isEmpty()).isTrue();
  }

  @Test
  void compare_newerInstanceIsTooLarge_isNotKept() throws MalformedDocumentException {
    ByteBounds bounds = new ByteBounds(LARGE, Long.MAX_VALUE, Long.MAX_VALUE);

    Difference difference = compare(bounds, newer("i-1", 1, LARGE), newer("i-2", 1, 0));

    assertThat(difference.newer()).extracting(InstanceInfo::id).containsExactly("i-2");
  }

  private Difference compare(ByteBounds bounds, InstanceInfo... remote)
      throws MalformedDocumentException {
    Registry registry = new Registry(
        new RegistrySettings(1_000, true, 180_000, 1_000, LeaseRules.STOCK, bounds), clock);
    registry.register(Instances.up("DEMO", "i-1", 30), Origin.PEER);
    registry.register(Instances.up("DEMO", "i-2", 30), Origin.PEER);
    Application application = new Application("DEMO", List.of(remote));
    byte[] document = new JsonCodec()
        .encodeApplications(new Applications("1", "UP_1_", List.of(application)), Form.FULL);
    return RegistryComparison.compare(registry, new ByteArrayInputStream(document), clock.wallMs());
  }

  private static InstanceInfo newer(String id, int byMs, int metadataChars) {
    return Instances.up("DEMO", id, 30).toBuilder()
        .lastDirtyMs(Instances.DIRTY_MS + byMs)
        .metadata(Map.of("key", "v".repeat(metadataChars)))
        .build();
  }
}
