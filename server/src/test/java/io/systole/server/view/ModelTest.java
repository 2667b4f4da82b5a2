// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.systole.server.time.ManualClock;
import io.systole.server.view.ViewKey.Extent;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers out of blocks against documents made from a map, while the registry changes. */
class ModelTest {
  private static final long RETENTION_MS = 1_000;
  private static final int STEPS = 900;

  /** Made before anybody looks, so that there is something to look at. */
  private static final int UNSEEN_STEPS = 600;

  private static final Map<Language, Codec> CODECS =
      Map.of(Language.JSON, new JsonCodec(), Language.XML, new XmlCodec());

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(2_000, true, RETENTION_MS, 400), clock);
  private final Model model = new Model(registry.changes(), registry.settings(), CODECS, "boot");

  /** The registry as somebody holds it who reads the log. */
  private final Map<InstanceKey, InstanceInfo> naive = new HashMap<>();

  /** The last change of each instance, the newest last. */
  private final Map<InstanceKey, Change> naiveRecent = new LinkedHashMap<>();

  /** The registry as a client holds it who fetched everything once and deltas since. */
  private final Map<InstanceKey, InstanceInfo> client = new HashMap<>();

  private Change read = registry.changes().oldest();

  @AfterEach
  void end() {
    model.close();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 5})
  void view_afterAnyChange_isTheDocumentOfThatMoment(long seed) {
    Random random = new Random(seed);
    RandomChanges changes = new RandomChanges(registry, clock, 4, 150, seed);
    for (int step = 0; step < STEPS; step++) {
      changes.next();
      if (step == UNSEEN_STEPS) {
        catchUp();
        client.putAll(naive);
      }
      if (step > UNSEEN_STEPS && random.nextInt(3) == 0) {
        catchUp();
        assertRegistry(Extent.FULL, naive.values(), random);
        assertRegistry(Extent.DELTA, told(), random);
        assertDeltaLeadsToFull();
        assertApplication("APP" + random.nextInt(5), random);
        assertVip(Extent.VIP, List.of("all", "va", "vb", "vc", "va,vb").get(random.nextInt(5)));
        assertVip(Extent.SECURE_VIP, "APP" + random.nextInt(5));
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

  private List<InstanceInfo> told() {
    return naiveRecent.values().stream().map(Change::document).toList();
  }

  private void assertRegistry(Extent extent, Collection<InstanceInfo> expected, Random random) {
    String version = extent == Extent.FULL ? "1" : Long.toString(read.version());
    List<InstanceInfo> shown = model.cut(extent, "").instances();
    assertThat(shown).hasSameSizeAs(expected);
    assertThat(Set.copyOf(shown)).isEqualTo(Set.copyOf(expected));
    String hashCode = AppsHashCode.of(byApp(naive.values()));
    assertDocument(
        ViewKey.of(extent, language(random), form(random)),
        new Applications(version, hashCode, byApp(shown)));
  }

  private void assertVip(Extent extent, String vip) {
    List<InstanceInfo> expected = naive.values().stream()
        .filter(instance -> {
          String vips = extent == Extent.VIP ? instance.vipAddress() : instance.secureVipAddress();
          return vips != null && Arrays.asList(vips.split(",", -1)).contains(vip);
        })
        .toList();
    List<InstanceInfo> shown = model.cut(extent, vip).instances();
    assertThat(shown).hasSameSizeAs(expected);
    assertThat(Set.copyOf(shown)).isEqualTo(Set.copyOf(expected));
    assertDocument(
        new ViewKey(extent, vip, Language.JSON, Form.FULL),
        new Applications("-1", AppsHashCode.of(byApp(expected)), byApp(shown)));
  }

  private void assertApplication(String app, Random random) {
    ViewKey key = new ViewKey(Extent.APPLICATION, app, language(random), form(random));
    List<InstanceInfo> expected =
        naive.values().stream().filter(instance -> instance.app().equals(app)).toList();
    List<InstanceInfo> shown = model.cut(Extent.APPLICATION, app).instances();
    assertThat(shown).hasSameSizeAs(expected);
    assertThat(Set.copyOf(shown)).isEqualTo(Set.copyOf(expected));
    EncodedView view = model.view(key);
    if (expected.isEmpty()) {
      assertThat(view).isNull();
    } else {
      byte[] document =
          codec(key.language()).encodeApplication(new Application(app, shown), key.form());
      assertBytes(Objects.requireNonNull(view), document);
    }
  }

  private void assertDocument(ViewKey key, Applications expected) {
    EncodedView view = Objects.requireNonNull(model.view(key));
    assertBytes(view, codec(key.language()).encodeApplications(expected, key.form()));
    assertThat(view.version()).isEqualTo(read.version());
  }

  private static void assertBytes(EncodedView view, byte[] document) {
    assertThat(new String(Bytes.plain(view), StandardCharsets.UTF_8))
        .isEqualTo(new String(document, StandardCharsets.UTF_8));
    assertThat(Bytes.unzipped(Bytes.gzip(view))).isEqualTo(document);
  }

  private void assertDeltaLeadsToFull() {
    for (InstanceInfo instance : model.cut(Extent.DELTA, "").instances()) {
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

  private static Codec codec(Language language) {
    return Objects.requireNonNull(CODECS.get(language));
  }

  private static Language language(Random random) {
    return random.nextBoolean() ? Language.JSON : Language.XML;
  }

  private static Form form(Random random) {
    return random.nextBoolean() ? Form.FULL : Form.COMPACT;
  }

  @Test
  void delta_moreChangesThanItMayTell_tellsTheNewest() {
    for (int i = 0; i < 500; i++) {
      registry.register(Instances.up("A", "i-" + i, 90), Origin.CLIENT);
    }

    model.advance(clock.monotonicNs());

    assertThat(model.cut(Extent.DELTA, "").instances())
        .extracting(InstanceInfo::id)
        .hasSize(400)
        .contains("i-100", "i-499")
        .doesNotContain("i-99");
  }

  @Test
  void delta_oneInstanceChangingForEver_isToldOnce() {
    for (int i = 0; i < 1_000; i++) {
      registry.register(Instances.up("A", "i", 90), Origin.CLIENT);
      model.advance(clock.monotonicNs());
    }

    assertThat(model.cut(Extent.DELTA, "").instances()).hasSize(1);
    assertThat(model.oldestToldNs(-1)).isEqualTo(registry.changes().last().atNs());
  }

  @Test
  void delta_instanceChangedAgain_movesToTheEndOfItsApplication() {
    for (String key : List.of("A a", "A b", "B c", "A a", "B c")) {
      registry.register(Instances.up(key.substring(0, 1), key.substring(2), 90), Origin.CLIENT);
    }

    model.advance(clock.monotonicNs());

    assertThat(model.cut(Extent.DELTA, "").instances())
        .extracting(InstanceInfo::id)
        .containsExactly("b", "a", "c");
  }

  @ParameterizedTest
  @EnumSource(
      value = Extent.class,
      names = {"FULL", "APPLICATION", "VIP"})
  void cut_askedAgain_isTheSameUntilSomethingChanges(Extent extent) {
    registry.register(Instances.up("A", "a", 90), Origin.CLIENT);
    model.advance(clock.monotonicNs());
    Cut first = model.cut(extent, "A");

    model.advance(clock.monotonicNs());
    Cut again = model.cut(extent, "A");
    registry.register(Instances.up("A", "b", 90), Origin.CLIENT);
    model.advance(clock.monotonicNs());
    Cut changed = model.cut(extent, "A");

    assertThat(again).isSameAs(first);
    assertThat(changed.at()).isNotSameAs(first.at());
    assertThat(changed.instances()).hasSize(extent == Extent.VIP ? 0 : 2);
  }

  @Test
  void cut_ofMoreNamesThanAreKept_letsTheLeastAskedGo() {
    Cut first = model.cut(Extent.APPLICATION, "A0");
    Cut second = model.cut(Extent.APPLICATION, "A1");
    for (int i = 2; i <= Model.CUTS_MAX; i++) {
      model.cut(Extent.APPLICATION, "A0");
      model.cut(Extent.APPLICATION, "A" + i);
    }

    assertThat(model.cut(Extent.APPLICATION, "A0")).isSameAs(first);
    assertThat(model.cut(Extent.APPLICATION, "A1")).isNotSameAs(second);
  }

  @Test
  void view_tag_isTheSameUntilWhatItShowsChanges() {
    registry.register(Instances.up("A", "a", 90), Origin.CLIENT);
    registry.register(Instances.up("B", "b", 90), Origin.CLIENT);
    String full = tag(Extent.FULL, "");
    String delta = tag(Extent.DELTA, "");
    String one = tag(Extent.APPLICATION, "A");
    String other = tag(Extent.APPLICATION, "B");

    clock.advanceMs(1);
    registry.register(Instances.up("B", "b2", 90), Origin.CLIENT);

    assertThat(tag(Extent.APPLICATION, "A")).isEqualTo(one).isNotEqualTo(other);
    assertThat(tag(Extent.APPLICATION, "B")).isNotEqualTo(other);
    assertThat(tag(Extent.FULL, "")).isNotEqualTo(full).isNotEqualTo(delta);
    String before = tag(Extent.DELTA, "");
    assertThat(before).isNotEqualTo(delta).matches("[0-9a-z-]+");
    clock.advanceMs(RETENTION_MS);
    assertThat(tag(Extent.DELTA, "")).isNotEqualTo(before);
  }

  private String tag(Extent extent, String name) {
    model.advance(clock.monotonicNs());
    ViewKey key = new ViewKey(extent, name, Language.JSON, Form.FULL);
    return Objects.requireNonNull(model.view(key)).tag();
  }

  @Test
  void new_changesForgottenAlready_isRefused() {
    for (int i = 0; i < 500; i++) {
      registry.register(Instances.up("A", "i-" + i, 90), Origin.CLIENT);
    }

    assertThatThrownBy(() -> new Model(registry.changes(), registry.settings(), CODECS, "boot"))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("are forgotten");
  }
}
