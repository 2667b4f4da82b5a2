// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UNKNOWN;
import static io.systole.server.registry.Registry.NO_TIMESTAMP;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each operation appends one change with its cause and origin to the log. */
class RegistryChangesTest {
  private static final InstanceKey KEY = new InstanceKey("A", "i");

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(2, true, 180_000, 1_000), clock);
  private Change seen = registry.changes().last();

  @Test
  void register_firstAndAgain_isReportedAsRegistration() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    registry.register(Instances.up("A", "i", 90), Origin.PEER);

    assertThat(reported())
        .containsExactly("REGISTRATION CLIENT UP null", "REGISTRATION PEER UP null");
  }

  @Test
  void renew_plain_isNotReported() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    reported();

    registry.renew(LookupKey.of(KEY), clock.monotonicNs(), NO_TIMESTAMP, Origin.CLIENT);

    assertThat(reported()).isEmpty();
  }

  @Test
  void override_andLift_areReportedWithTheOverride() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    reported();

    registry.statusOverrides().set(KEY, OUT_OF_SERVICE, NO_TIMESTAMP, Origin.CLIENT);
    registry.statusOverrides().set(KEY, OUT_OF_SERVICE, NO_TIMESTAMP, Origin.CLIENT);
    registry.statusOverrides().remove(KEY, UNKNOWN, NO_TIMESTAMP, Origin.PEER);

    assertThat(reported())
        .containsExactly(
            "AMENDMENT CLIENT OUT_OF_SERVICE OUT_OF_SERVICE", "AMENDMENT PEER UNKNOWN null");
  }

  @Test
  void renew_thatAppliesAnOverride_isReportedAsTheNodes() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    registry.statusOverrides().adopt(KEY, OUT_OF_SERVICE);
    reported();

    registry.renew(LookupKey.of(KEY), clock.monotonicNs(), NO_TIMESTAMP, Origin.CLIENT);

    assertThat(reported()).containsExactly("AMENDMENT NODE OUT_OF_SERVICE OUT_OF_SERVICE");
  }

  @Test
  void addMetadata_isReportedAsRegistration() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    reported();

    registry.addMetadata(KEY, Map.of("k", "v"));

    assertThat(reported()).containsExactly("REGISTRATION CLIENT UP null");
  }

  @Test
  void cancel_isReportedOnce() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    reported();

    registry.cancel(KEY, Origin.PEER);
    registry.cancel(KEY, Origin.CLIENT);

    assertThat(reported()).containsExactly("CANCEL PEER UP null removal");
  }

  @Test
  void evict_isReportedOnceAsTheNodes_andItsSlotIsFreeAfterwards() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    int slot = registry.changes().last().slot();
    reported();
    clock.advanceMs(90_001);

    registry.expiry().evictExpired(0);
    registry.expiry().evictExpired(0);
    registry.register(Instances.up("B", "other", 90), Origin.CLIENT);

    assertThat(reported())
        .containsExactly("EVICTION NODE UP null removal", "REGISTRATION CLIENT UP null");
    assertThat(registry.changes().last().slot()).isEqualTo(slot);
  }

  @Test
  void versions_ofALaterRun_areGreater() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
    clock.advanceMs(1);

    Registry restarted = new Registry(new RegistrySettings(2, true, 180_000, 1_000), clock);

    assertThat(restarted.version()).isGreaterThan(registry.version());
    assertThat(restarted.version()).isLessThan(1L << 53);
  }

  @Test
  void document_ofARegistration_isTheStoredOne() {
    registry.register(Instances.up("A", "i", 90), Origin.CLIENT);

    Change change = registry.changes().last();

    assertThat(change.document().leaseInfo().registrationMs()).isEqualTo(clock.wallMs());
    assertThat(change.document()).isEqualTo(registry.find(KEY));
  }

  /** Returns the changes since the last call. */
  private List<String> reported() {
    List<String> reported = new ArrayList<>();
    for (Change next = seen.next(); next != null; next = next.next()) {
      reported.add("%s %s %s %s%s"
          .formatted(
              next.cause(),
              next.origin(),
              next.document().status(),
              next.override(),
              next.isRemoval() ? " removal" : ""));
      seen = next;
    }
    return reported;
  }
}
