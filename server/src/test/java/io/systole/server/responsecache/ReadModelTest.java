// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.protocol.Repetitions;
import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.time.ManualClock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Documents assembled from blocks, compared with documents of a plain map while the registry
 * changes.
 */
class ReadModelTest {
  private static final long RETENTION_MS = 1_000;
  private static final int STEPS = 900;

  /** Steps before the first comparison, to build up state. */
  private static final int UNSEEN_STEPS = 600;

  private static final Map<DocumentFormat, Codec> CODECS =
      Map.of(DocumentFormat.JSON, new JsonCodec(), DocumentFormat.XML, new XmlCodec());

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(2_000, true, RETENTION_MS, 400), clock);
  private final ReadModel model =
      new ReadModel(registry.changes(), registry.settings(), CODECS, "boot");

  /** The registry as replayed from the log. */
  private final Map<InstanceKey, InstanceInfo> naive = new HashMap<>();

  /** The last change of each instance, newest last. */
  private final Map<InstanceKey, Change> naiveRecent = new LinkedHashMap<>();

  /** The registry as seen by a client that fetched it once and then deltas. */
  private final Map<InstanceKey, InstanceInfo> client = new HashMap<>();

  private Change read = registry.changes().oldest();

  @AfterEach
  void end() {
    model.close();
  }

  static LongStream seeds() {
    return LongStream.rangeClosed(1, Repetitions.of(2));
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @Tag("randomized")
  void encode_afterAnyChange_isTheCurrentDocument(long seed) {
    assertCurrentAfterEach(new RandomChanges(registry, clock, 4, 150, seed), seed);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  @Tag("randomized")
  void encode_afterAnyChangeOfSmallApplications_isTheCurrentDocument(long seed) {
    assertCurrentAfterEach(new RandomChanges(registry, clock, 100, 6, seed), seed);
  }

  private void assertCurrentAfterEach(RandomChanges changes, long seed) {
    Random random = new Random(seed);
    for (int step = 0; step < STEPS; step++) {
      changes.next();
      if (step == UNSEEN_STEPS) {
        catchUp();
        client.putAll(naive);
      }
      if (step > UNSEEN_STEPS && random.nextInt(3) == 0) {
        catchUp();
        assertRegistry(CacheScope.FULL, naive.values(), random);
        assertRegistry(CacheScope.DELTA, recent(), random);
        assertDeltaLeadsToFull();
        assertApplication("APP" + random.nextInt(5), random);
        assertVip(CacheScope.VIP, List.of("all", "va", "vb", "vc", "va,vb").get(random.nextInt(5)));
        assertVip(CacheScope.SECURE_VIP, "APP" + random.nextInt(5));
      }
    }
    assertThat(naive).as("seed %d", seed).hasSizeGreaterThan(50);
  }

  private void catchUp() {
    for (Change next = read.next(); next != null; next = next.next()) {
      InstanceKey key = next.document().key();
      if (next.isRemoval()) {
        naive.remove(key);
      } else {
        naive.put(key, next.document());
      }
      naiveRecent.remove(key);
      naiveRecent.put(key, next);
      read = next;
    }
    long retentionNs = TimeUnit.MILLISECONDS.toNanos(RETENTION_MS);
    naiveRecent
        .values()
        .removeIf(change -> clock.monotonicNs() - change.atNs() > retentionNs
            || read.version() - change.version() >= 400);
    model.advance(clock.monotonicNs());
  }

  private List<InstanceInfo> recent() {
    return naiveRecent.values().stream().map(Change::document).toList();
  }

  private void assertRegistry(CacheScope scope, Collection<InstanceInfo> expected, Random random) {
    String version = scope == CacheScope.FULL ? "1" : Long.toString(read.version());
    List<InstanceInfo> shown = model.snapshot(scope, "").instances();
    assertThat(shown).hasSameSizeAs(expected);
    assertThat(Set.copyOf(shown)).isEqualTo(Set.copyOf(expected));
    String hashCode = AppsHashCode.of(byApp(naive.values()));
    assertDocument(
        CacheKey.of(scope, format(random), form(random)),
        new Applications(version, hashCode, byApp(shown)));
  }

  private void assertVip(CacheScope scope, String vip) {
    List<InstanceInfo> expected = naive.values().stream()
        .filter(instance -> {
          String vips =
              scope == CacheScope.VIP ? instance.vipAddress() : instance.secureVipAddress();
          return vips != null && Arrays.asList(vips.split(",", -1)).contains(vip);
        })
        .toList();
    List<InstanceInfo> shown = model.snapshot(scope, vip).instances();
    assertThat(shown).hasSameSizeAs(expected);
    assertThat(Set.copyOf(shown)).isEqualTo(Set.copyOf(expected));
    assertDocument(
        new CacheKey(scope, vip, DocumentFormat.JSON, Form.FULL),
        new Applications("-1", AppsHashCode.of(byApp(expected)), byApp(shown)));
  }

  private void assertApplication(String app, Random random) {
    CacheKey key = new CacheKey(CacheScope.APPLICATION, app, format(random), form(random));
    List<InstanceInfo> expected =
        naive.values().stream().filter(instance -> instance.app().equals(app)).toList();
    List<InstanceInfo> shown = model.snapshot(CacheScope.APPLICATION, app).instances();
    assertThat(shown).hasSameSizeAs(expected);
    assertThat(Set.copyOf(shown)).isEqualTo(Set.copyOf(expected));
    CachedRepresentation representation = model.encode(key);
    if (expected.isEmpty()) {
      assertThat(representation).isNull();
    } else {
      byte[] document =
          codec(key.format()).encodeApplication(new Application(app, shown), key.form());
      assertBytes(Objects.requireNonNull(representation), document);
    }
  }

  private void assertDocument(CacheKey key, Applications expected) {
    CachedRepresentation representation = Objects.requireNonNull(model.encode(key));
    assertBytes(representation, codec(key.format()).encodeApplications(expected, key.form()));
    assertThat(representation.version()).isEqualTo(read.version());
  }

  private static void assertBytes(CachedRepresentation representation, byte[] document) {
    assertThat(new String(Bytes.plain(representation), StandardCharsets.UTF_8))
        .isEqualTo(new String(document, StandardCharsets.UTF_8));
    assertThat(Bytes.unzipped(Bytes.gzip(representation))).isEqualTo(document);
  }

  private void assertDeltaLeadsToFull() {
    for (InstanceInfo instance : model.snapshot(CacheScope.DELTA, "").instances()) {
      if (instance.actionType() == ActionType.DELETED) {
        client.remove(instance.key());
      } else {
        client.put(instance.key(), instance);
      }
    }
    assertThat(client).isEqualTo(naive);
  }

  private static List<Application> byApp(Collection<InstanceInfo> instances) {
    Map<String, List<InstanceInfo>> apps = new LinkedHashMap<>();
    instances.forEach(instance ->
        apps.computeIfAbsent(instance.app(), any -> new ArrayList<>()).add(instance));
    List<Application> applications = new ArrayList<>();
    apps.forEach((app, list) -> applications.add(new Application(app, list)));
    return applications;
  }

  private static Codec codec(DocumentFormat format) {
    return Objects.requireNonNull(CODECS.get(format));
  }

  private static DocumentFormat format(Random random) {
    return random.nextBoolean() ? DocumentFormat.JSON : DocumentFormat.XML;
  }

  private static Form form(Random random) {
    return random.nextBoolean() ? Form.FULL : Form.COMPACT;
  }

  @Test
  void delta_moreChangesThanTheLimit_containsTheNewest() {
    for (int i = 0; i < 500; i++) {
      registry.register(Instances.up("A", "i-" + i, 90), Origin.CLIENT);
    }

    model.advance(clock.monotonicNs());

    assertThat(model.snapshot(CacheScope.DELTA, "").instances())
        .extracting(InstanceInfo::id)
        .hasSize(400)
        .contains("i-100", "i-499")
        .doesNotContain("i-99");
  }

  @Test
  void delta_leasesLoadedFromAnotherMember_beginsAfterThem() {
    registry.register(Instances.up("A", "before", 90), Origin.CLIENT);
    model.advance(clock.monotonicNs());
    registry.replicated().setLoading(true);
    for (int i = 0; i < 100; i++) {
      registry.replicated().merge(Instances.up("A", "i-" + i, 90), null, clock.monotonicNs());
    }
    registry.replicated().setLoading(false);
    model.advance(clock.monotonicNs());

    assertThat(model.snapshot(CacheScope.DELTA, "").instances()).isEmpty();
    assertThat(model.snapshot(CacheScope.FULL, "").instances()).hasSize(101);

    registry.register(Instances.up("A", "after", 90), Origin.CLIENT);
    registry.replicated().merge(Instances.up("A", "replicated", 90), null, clock.monotonicNs());
    model.advance(clock.monotonicNs());

    assertThat(model.snapshot(CacheScope.DELTA, "").instances())
        .extracting(InstanceInfo::id)
        .containsExactly("after", "replicated");
  }

  @Test
  void delta_oneInstanceChangingRepeatedly_containsItOnce() {
    for (int i = 0; i < 1_000; i++) {
      registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
      model.advance(clock.monotonicNs());
    }

    assertThat(model.snapshot(CacheScope.DELTA, "").instances()).hasSize(1);
    assertThat(model.oldestDeltaChangeNs(-1))
        .isEqualTo(registry.changes().last().atNs());
  }

  @Test
  void delta_instanceChangedAgain_movesToTheEndOfItsApplication() {
    for (String key : List.of("A a", "A b", "B c", "A a", "B c")) {
      registry.register(Instances.up(key.substring(0, 1), key.substring(2), 90), Origin.CLIENT);
    }

    model.advance(clock.monotonicNs());

    assertThat(model.snapshot(CacheScope.DELTA, "").instances())
        .extracting(InstanceInfo::id)
        .containsExactly("b", "a", "c");
  }

  @ParameterizedTest
  @EnumSource(
      value = CacheScope.class,
      names = {"FULL", "APPLICATION", "VIP"})
  void snapshot_requestedAgain_isTheSameUntilAChange(CacheScope scope) {
    registry.register(Instances.up("A", "a", 90), Origin.CLIENT);
    model.advance(clock.monotonicNs());
    ReadSnapshot first = model.snapshot(scope, "A");

    model.advance(clock.monotonicNs());
    ReadSnapshot again = model.snapshot(scope, "A");
    registry.register(Instances.up("A", "b", 90), Origin.CLIENT);
    model.advance(clock.monotonicNs());
    ReadSnapshot changed = model.snapshot(scope, "A");

    assertThat(again).isSameAs(first);
    assertThat(changed.at()).isNotSameAs(first.at());
    assertThat(changed.instances()).hasSize(scope == CacheScope.VIP ? 0 : 2);
  }

  @Test
  void snapshot_ofMoreNamesThanAreKept_dropsTheLeastRecentlyRequested() {
    ReadSnapshot first = model.snapshot(CacheScope.APPLICATION, "A0");
    ReadSnapshot second = model.snapshot(CacheScope.APPLICATION, "A1");
    for (int i = 2; i <= ReadModel.SNAPSHOTS_MAX; i++) {
      model.snapshot(CacheScope.APPLICATION, "A0");
      model.snapshot(CacheScope.APPLICATION, "A" + i);
    }

    assertThat(model.snapshot(CacheScope.APPLICATION, "A0")).isSameAs(first);
    assertThat(model.snapshot(CacheScope.APPLICATION, "A1")).isNotSameAs(second);
  }

  @Test
  void encode_tag_changesWithTheInstancesShown() {
    registry.register(Instances.up("A", "a", 90), Origin.CLIENT);
    registry.register(Instances.up("B", "b", 90), Origin.CLIENT);
    String full = tag(CacheScope.FULL, "");
    String delta = tag(CacheScope.DELTA, "");
    String one = tag(CacheScope.APPLICATION, "A");
    String other = tag(CacheScope.APPLICATION, "B");

    clock.advanceMs(1);
    registry.register(Instances.up("B", "b2", 90), Origin.CLIENT);

    assertThat(tag(CacheScope.APPLICATION, "A")).isEqualTo(one).isNotEqualTo(other);
    assertThat(tag(CacheScope.APPLICATION, "B")).isNotEqualTo(other);
    assertThat(tag(CacheScope.FULL, "")).isNotEqualTo(full).isNotEqualTo(delta);
    String before = tag(CacheScope.DELTA, "");
    assertThat(before).isNotEqualTo(delta).matches("[0-9a-z-]+");
    clock.advanceMs(RETENTION_MS);
    assertThat(tag(CacheScope.DELTA, "")).isNotEqualTo(before);
  }

  private String tag(CacheScope scope, String name) {
    model.advance(clock.monotonicNs());
    CacheKey key = new CacheKey(scope, name, DocumentFormat.JSON, Form.FULL);
    return Objects.requireNonNull(model.encode(key)).tag();
  }

  @Test
  void new_logHasDroppedChanges_throws() {
    for (int i = 0; i < 500; i++) {
      registry.register(Instances.up("A", "i-" + i, 90), Origin.CLIENT);
    }

    assertThatThrownBy(() -> new ReadModel(registry.changes(), registry.settings(), CODECS, "boot"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the log has dropped the changes");
  }
}
