// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.time.ManualClock;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests the memory limits of documents, changes and leases. */
class RegistryBytesTest {
  private static final int INSTANCE_MAX = 8_000;
  private static final long REGISTRY_MAX = 127_000;
  private static final long CHANGES_MAX = 20_000;
  private static final int LARGE = 6_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry = registry(REGISTRY_MAX);

  private Registry registry(long registryMax) {
    ByteBounds bounds = new ByteBounds(INSTANCE_MAX, registryMax, CHANGES_MAX);
    return new Registry(
        new RegistrySettings(1_000, true, 180_000, 100_000, LeaseRules.STOCK, bounds), clock);
  }

  /** Regression: repeated registrations of a compressible document filled the heap with changes. */
  @Test
  void register_oneLargeDocumentAgainAndAgain_keepsTheLogFlat() {
    for (int i = 0; i < 10_000; i++) {
      assertThat(register("i", LARGE)).isEqualTo(RegisterOutcome.REGISTERED);
      assertThat(registry.changes().retainedBytes()).isLessThanOrEqualTo(CHANGES_MAX);
    }

    long kept = registry.version() - registry.changes().oldest().version();
    assertThat(kept).isBetween(1L, CHANGES_MAX / LARGE);
    assertThat(registry.leaseBytes()).isEqualTo(LeaseBytes.of(document("i", LARGE)));
  }

  @Test
  void register_distinctLargeDocuments_stopsAtTheBudget() {
    for (int i = 0; i < 100; i++) {
      register("i-" + i, LARGE);
    }

    assertThat(registry.leaseCount()).isEqualTo(4);
    assertThat(registry.leaseBytes()).isBetween(REGISTRY_MAX - 10_000, REGISTRY_MAX);
    assertThat(refused(RegisterOutcome.OVER_BUDGET)).isEqualTo(96);
  }

  /** Regression: incompressible text, cached in all encodings, exceeded the estimate. */
  @Test
  void leaseBytes_ofADocument_coverItsTextAndAllEncodings() {
    assertThat(LeaseBytes.of(document("i", LARGE))).isGreaterThan(5 * LARGE);
  }

  /** The response cache finds applications by address; short addresses took eight times as much. */
  @Test
  void leaseBytes_ofManyAddresses_coverTheirEntriesInTheIndex() {
    InstanceInfo one = withAddresses("a".repeat(5_999), null);
    InstanceInfo many = withAddresses("a,".repeat(2_999) + "a", null);
    InstanceInfo manySecure = withAddresses(null, "a,".repeat(2_999) + "a");

    assertThat(LeaseBytes.of(many) - LeaseBytes.of(one)).isGreaterThan(2_999 * 120);
    assertThat(LeaseBytes.of(manySecure)).isEqualTo(LeaseBytes.of(many));
  }

  private static InstanceInfo withAddresses(@Nullable String vips, @Nullable String secureVips) {
    return document("i", 10).toBuilder()
        .vipAddress(vips)
        .secureVipAddress(secureVips)
        .build();
  }

  @Test
  void register_whenFullOfBytes_acceptsWhatDoesNotGrow() {
    for (int i = 0; i < 5; i++) {
      register("i-" + i, LARGE);
    }

    assertThat(register("i-0", LARGE)).isEqualTo(RegisterOutcome.REGISTERED);
    assertThat(registry.statusOverrides().set(key("i-0"), InstanceStatus.DOWN, 0, Origin.CLIENT))
        .isTrue();
    assertThat(renew("i-1")).isEqualTo(RenewOutcome.RENEWED);
    assertThat(register("i-0", 10)).isEqualTo(RegisterOutcome.REGISTERED);
    assertThat(register("i-9", 10)).isEqualTo(RegisterOutcome.REGISTERED);
    assertThat(register("i-8", LARGE)).isEqualTo(RegisterOutcome.OVER_BUDGET);
    assertThat(registry.cancel(key("i-1"), Origin.CLIENT)).isTrue();
    assertThat(register("i-8", LARGE)).isEqualTo(RegisterOutcome.REGISTERED);
  }

  @Test
  void leaseBytes_afterAllAreRemoved_isZero() {
    register("a", 100);
    register("b", LARGE);
    register("b", 50);
    registry.addMetadata(key("a"), Map.of("more", "metadata"));
    registry.statusOverrides().set(key("a"), InstanceStatus.OUT_OF_SERVICE, 0, Origin.CLIENT);
    assertThat(registry.leaseBytes()).isPositive();

    registry.cancel(key("a"), Origin.CLIENT);
    clock.advanceMs(1_000_000);
    registry.expiry().evictExpired(0);

    assertThat(registry.leaseBytes()).isZero();
  }

  @Test
  void register_documentOverItsBound_isTooLargeWhateverItsOrigin() {
    assertThat(register("i", INSTANCE_MAX)).isEqualTo(RegisterOutcome.TOO_LARGE);
    assertThat(registry.register(document("i", INSTANCE_MAX), Origin.PEER))
        .isEqualTo(RegisterOutcome.TOO_LARGE);

    assertThat(registry.leaseCount()).isZero();
    assertThat(refused(RegisterOutcome.TOO_LARGE)).isEqualTo(2);
  }

  /** Tombstones and recent events are bounded by number only. */
  @Test
  void register_keyOverItsBound_isTooLarge() {
    int space = LeaseBytes.KEY_CHARS_MAX - "DEMO".length();

    assertThat(register("i".repeat(space + 1), 1)).isEqualTo(RegisterOutcome.TOO_LARGE);
    assertThat(register("i".repeat(space), 1)).isEqualTo(RegisterOutcome.REGISTERED);
  }

  @Test
  void restore_documentOverItsBound_isKeptAndMayShrink() {
    List<PersistedLease> persisted =
        List.of(new PersistedLease(document("i", 2 * INSTANCE_MAX), null));

    assertThat(registry.restore(persisted)).isEqualTo(1);

    assertThat(renew("i")).isEqualTo(RenewOutcome.RENEWED);
    assertThat(register("i", 2 * INSTANCE_MAX + 1)).isEqualTo(RegisterOutcome.TOO_LARGE);
    assertThat(register("i", 2 * INSTANCE_MAX - 1)).isEqualTo(RegisterOutcome.REGISTERED);
  }

  @Test
  void restore_overTheBudget_takesWhatFits() {
    List<PersistedLease> persisted = List.of(
        new PersistedLease(document("large", LARGE), null),
        new PersistedLease(document("larger", LARGE + 1_000), null),
        new PersistedLease(document("small", 10), null));
    Registry small = registry(36_000);

    assertThat(small.restore(persisted)).isEqualTo(2);

    assertThat(small.findStored(key("small"))).isNotNull();
    assertThat(small.leaseBytes()).isLessThanOrEqualTo(36_000);
  }

  @Test
  void register_aFollowerFarBehind_isRefusedUntilItCatchesUp() {
    Change start = registry.changes().last();
    registry.changes().addFollower(() -> start);
    for (int i = 0; i < 10; i++) {
      register("i", LARGE);
    }

    assertThat(register("i", LARGE)).isEqualTo(RegisterOutcome.BACKLOGGED);
    assertThat(registry.addMetadata(key("i"), Map.of("k", "v")))
        .isEqualTo(MetadataUpdateOutcome.NO_SPACE);

    assertThat(renew("i")).isEqualTo(RenewOutcome.RENEWED);
    assertThat(registry.cancel(key("i"), Origin.CLIENT)).isTrue();
  }

  private long refused(RegisterOutcome reason) {
    return registry.counters().registrations(reason);
  }

  private RenewOutcome renew(String id) {
    return registry.renew(
        LookupKey.of(key(id)), clock.monotonicNs(), Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  private RegisterOutcome register(String id, int textBytes) {
    return registry.register(document(id, textBytes), Origin.CLIENT);
  }

  private static InstanceKey key(String id) {
    return new InstanceKey("DEMO", id);
  }

  private static InstanceInfo document(String id, int textBytes) {
    return Instances.up("DEMO", id, 90).toBuilder()
        .metadata(Map.of("k", "v".repeat(textBytes)))
        .build();
  }
}
