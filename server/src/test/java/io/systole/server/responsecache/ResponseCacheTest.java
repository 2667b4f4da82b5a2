// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.XmlCodec;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.time.ManualClock;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ResponseCacheTest {
  private static final CacheKey FULL = CacheKey.of(CacheScope.FULL, DocumentFormat.JSON, Form.FULL);
  private static final CacheKey DELTA =
      CacheKey.of(CacheScope.DELTA, DocumentFormat.JSON, Form.FULL);
  private static final long RETENTION_MS = 180_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10_000, true, RETENTION_MS, 10_000), clock);
  private final long atStart = registry.version();
  private final ResponseCache views = new ResponseCache(registry, clock);

  @AfterEach
  void end() {
    views.close();
  }

  @ParameterizedTest
  @EnumSource(CacheScope.class)
  void view_nothingChanged_isGivenAtOnce(CacheScope extent) {
    CacheKey key = new CacheKey(extent, name(extent), DocumentFormat.XML, Form.COMPACT);
    register("DEMO", "i-1");
    CachedRepresentation first = Asked.view(views, key);
    registry.renew(
        LookupKey.of(Instances.up("DEMO", "i-1", 90).key()),
        clock.monotonicNs(),
        Registry.NO_TIMESTAMP,
        Origin.CLIENT);

    Asked second = new Asked();
    views.view(key, second);

    assertThat(second.isAnswered()).isTrue();
    assertThat(second.await()).containsSame(first);
    assertThat(views.currentTag(key)).isEqualTo(first.tag());
  }

  @ParameterizedTest
  @EnumSource(CacheScope.class)
  void view_afterAChange_showsIt(CacheScope extent) {
    CacheKey key = new CacheKey(extent, name(extent), DocumentFormat.JSON, Form.FULL);
    register("DEMO", "i-1");
    CachedRepresentation before = Asked.view(views, key);

    register("DEMO", "i-2");
    CachedRepresentation after = Asked.view(views, key);

    assertThat(new String(Bytes.plain(after), UTF_8)).contains("\"i-2\"");
    assertThat(new String(Bytes.plain(before), UTF_8)).doesNotContain("\"i-2\"");
    assertThat(after.tag()).isNotEqualTo(before.tag());
    assertThat(after.version()).isEqualTo(views.versionNow());
  }

  @ParameterizedTest
  @EnumSource(
      value = CacheScope.class,
      names = {"APPLICATION", "VIP", "SECURE_VIP"})
  void view_somethingElseChanged_isTheSame(CacheScope extent) {
    CacheKey key = new CacheKey(extent, name(extent), DocumentFormat.JSON, Form.FULL);
    register("DEMO", "i-1");
    CachedRepresentation before = Asked.view(views, key);

    register("OTHER", "i-2");

    assertThat(Asked.view(views, key)).isSameAs(before);
  }

  @Test
  void view_fullOne_doesNotAge() {
    CachedRepresentation before = Asked.view(views, FULL);

    clock.advanceMs(10 * RETENTION_MS);

    assertThat(Bytes.plain(Asked.view(views, FULL))).isEqualTo(Bytes.plain(before));
    assertThat(Asked.view(views, FULL).tag()).isEqualTo(before.tag());
  }

  @Test
  void view_deltaPastRetention_hasForgottenTheChange() throws Exception {
    register("DEMO", "i-1");
    CachedRepresentation before = Asked.view(views, DELTA);
    assertThat(decoded(before).applications()).hasSize(1);
    clock.advanceMs(RETENTION_MS);
    assertThat(Asked.view(views, DELTA)).isSameAs(before);

    clock.advanceMs(1);

    assertThat(decoded(Asked.view(views, DELTA)).applications()).isEmpty();
    assertThat(decoded(Asked.view(views, DELTA)).appsHashCode()).isEqualTo("UP_1_");
    assertThat(Asked.view(views, DELTA).tag()).isNotEqualTo(before.tag());
  }

  @Test
  void view_versions_areOneInFullAndGrowInDeltas() throws Exception {
    long last = Long.parseLong(decoded(Asked.view(views, DELTA)).version());
    for (int i = 0; i < 3; i++) {
      register("DEMO", "i-" + i);
      long version = Long.parseLong(decoded(Asked.view(views, DELTA)).version());
      assertThat(version).isGreaterThan(last).isNotEqualTo(-1);
      last = version;
      assertThat(decoded(Asked.view(views, FULL)).version()).isEqualTo("1");
    }
  }

  @Test
  void view_noSuchApplication_isAbsentEachTime() {
    CacheKey key = new CacheKey(CacheScope.APPLICATION, "NONE", DocumentFormat.JSON, Form.FULL);
    Asked before = new Asked();
    views.view(key, before);
    assertThat(before.await()).isEmpty();

    register("NONE", "i");

    assertThat(Asked.view(views, key).plainLength()).isPositive();
    registry.cancel(new InstanceKey("NONE", "i"), Origin.CLIENT);
    Asked after = new Asked();
    views.view(key, after);
    assertThat(after.await()).isEmpty();
  }

  @Test
  void view_unknownVip_isEmptyAndNotKept() {
    CacheKey key = new CacheKey(CacheScope.VIP, "nope", DocumentFormat.JSON, Form.FULL);

    CachedRepresentation view = Asked.view(views, key);

    assertThat(new String(Bytes.plain(view), UTF_8)).contains("\"application\":[]");
    assertThat(views.currentTag(key)).isNull();
  }

  @Test
  void view_moreNamesThanAreKept_letsTheLeastRequestedGo() {
    int names = RepresentationCache.NAMED_MAX + 1;
    for (int i = 0; i < names; i++) {
      register("APP" + i, "i");
    }

    for (int i = 0; i < names; i++) {
      clock.advanceMs(1);
      Asked.view(views, application("APP" + i));
      Asked.view(views, application("APP0"));
    }

    assertThat(views.currentTag(application("APP0"))).isNotNull();
    assertThat(views.currentTag(application("APP1"))).isNull();
    assertThat(views.currentTag(application("APP2"))).isNotNull();
  }

  @Test
  void view_whileTheThreadIsBusy_isMadeOnceForAllWhoAsk() throws Exception {
    register("DEMO", "i-1");
    CountDownLatch mayGoOn = new CountDownLatch(1);
    keepBusyUntil(mayGoOn);

    List<Asked> askers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Asked requested = new Asked();
      views.view(FULL, requested);
      askers.add(requested);
    }
    register("DEMO", "i-2");
    assertThat(askers).noneMatch(Asked::isAnswered);
    mayGoOn.countDown();

    CachedRepresentation first = askers.get(0).await().orElseThrow();
    assertThat(new String(Bytes.plain(first), UTF_8)).contains("\"i-2\"");
    for (Asked requested : askers) {
      assertThat(requested.await()).containsSame(first);
    }
  }

  private void keepBusyUntil(CountDownLatch mayGoOn) throws Exception {
    CountDownLatch isBusy = new CountDownLatch(1);
    Consumer<ReadSnapshot> callback = snapshot -> {
      isBusy.countDown();
      awaitQuietly(mayGoOn);
    };
    views.cut(CacheScope.FULL, "", callback, cause -> {});
    assertThat(isBusy.await(20, TimeUnit.SECONDS)).isTrue();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void view_callbackThatThrows_harmsNobodyElse() {
    views.view(FULL, new RepresentationCallback() {
      @Override
      public void take(CachedRepresentation view) {
        throw new IllegalStateException("taker's own fault");
      }

      @Override
      public void absent() {}

      @Override
      public void failed(Throwable cause) {}
    });

    assertThat(Asked.view(views, DELTA).plainLength()).isPositive();
    // Views that are requested in one round may be prepared in any order.
    await().atMost(Duration.ofSeconds(20)).until(() -> views.failures() == 1);
  }

  @Test
  void view_whatCannotBeEncoded_failsForWhoRequestedAndIsCounted() {
    Codec broken = withInstances(() -> {
      throw new IllegalStateException("can't write it");
    });
    try (ResponseCache failing = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, broken, DocumentFormat.XML, new XmlCodec()))) {
      register("DEMO", "i-1");
      Asked requested = new Asked();

      failing.view(FULL, requested);

      assertThatThrownBy(requested::await).hasRootCauseMessage("can't write it");
      assertThat(failing.failures()).isEqualTo(1);
      CacheKey inXml = CacheKey.of(CacheScope.FULL, DocumentFormat.XML, Form.FULL);
      assertThat(Asked.view(failing, inXml).plainLength()).isPositive();
    }
  }

  @Test
  void view_encodingThatNobodyRequestedForInAWhile_hasGivenItsSegmentsBack() {
    AtomicInteger encoded = new AtomicInteger();
    Codec counting = withInstances(encoded::incrementAndGet);
    try (ResponseCache counted = new ResponseCache(
        registry,
        clock,
        Map.of(DocumentFormat.JSON, counting, DocumentFormat.XML, new XmlCodec()))) {
      register("DEMO", "i-1");
      Asked.view(counted, FULL);
      Asked.view(counted, application("DEMO"));
      assertThat(encoded).hasValue(1);

      clock.advanceNs(ResponseCache.SILENCE_NS + 1);
      Asked.view(counted, CacheKey.of(CacheScope.FULL, DocumentFormat.XML, Form.FULL));
      // What follows is of a later round.
      Asked.cut(counted, CacheScope.FULL, "");

      assertThat(counted.currentTag(application("DEMO"))).isNull();
      Asked.view(counted, FULL);
      assertThat(encoded).hasValue(2);
    }
  }

  @Test
  void view_longOneNotEncodedYet_letsOthersBeAnsweredMeanwhile() throws Exception {
    int blocks = 50;
    for (int i = 0; i < blocks * InstanceBlock.INSTANCES_MAX; i++) {
      register("DEMO", "i-" + i);
    }
    AtomicInteger encoded = new AtomicInteger();
    CountDownLatch hasBegun = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    Codec slow = withInstances(() -> {
      // Four of them are a turn.
      clock.advanceNs(ResponseCache.TURN_NS / 4);
      if (encoded.incrementAndGet() == 1) {
        hasBegun.countDown();
        awaitQuietly(mayGoOn);
      }
    });
    try (ResponseCache slowly = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, slow, DocumentFormat.XML, new XmlCodec()))) {
      Asked first = new Asked();
      Asked second = new Asked();
      slowly.view(FULL, first);
      assertThat(hasBegun.await(20, TimeUnit.SECONDS)).isTrue();

      slowly.view(FULL, second);
      CompletableFuture<Integer> encodedMeanwhile = new CompletableFuture<>();
      slowly.applicationNames(
          names -> {
            encodedMeanwhile.complete(encoded.get());
            register("DEMO", "i-late");
          },
          encodedMeanwhile::completeExceptionally);
      mayGoOn.countDown();

      assertThat(encodedMeanwhile.orTimeout(20, TimeUnit.SECONDS).join()).isEqualTo(4);
      CachedRepresentation view = first.await().orElseThrow();
      assertThat(second.await()).containsSame(view);
      assertThat(new String(Bytes.plain(view), UTF_8)).contains("\"i-0\"", "\"i-late\"");
      assertThat(encoded).hasValue(blocks + 1);
    }
  }

  @Test
  void view_changesOutrunTheEncoding_isGivenNevertheless() {
    int blocks = 20;
    for (int i = 0; i < blocks * InstanceBlock.INSTANCES_MAX; i++) {
      register("DEMO", "i-" + i);
    }
    AtomicInteger encoded = new AtomicInteger();
    Codec outrun = withInstances(() -> {
      clock.advanceNs(ResponseCache.TURN_NS);
      if (encoded.incrementAndGet() < 1_000) {
        register("DEMO", "i-0");
      }
    });
    try (ResponseCache slowly = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, outrun, DocumentFormat.XML, new XmlCodec()))) {

      CachedRepresentation view = Asked.view(slowly, FULL);

      assertThat(decodedSize(view)).isEqualTo(blocks * InstanceBlock.INSTANCES_MAX);
      assertThat(encoded).hasValueLessThan(100);
    }
  }

  private static int decodedSize(CachedRepresentation view) {
    return new String(Bytes.plain(view), UTF_8).split("\"instanceId\"", -1).length - 1;
  }

  @Test
  void view_longOneUnderWayAtTheClose_fails() throws Exception {
    register("DEMO", "i-1");
    CountDownLatch hasBegun = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    Codec slow = withInstances(() -> {
      clock.advanceNs(ResponseCache.TURN_NS);
      hasBegun.countDown();
      awaitQuietly(mayGoOn);
    });
    for (int i = 0; i < 3 * InstanceBlock.INSTANCES_MAX; i++) {
      register("DEMO", "i-" + i);
    }
    ResponseCache slowly = new ResponseCache(
        registry, clock, Map.of(DocumentFormat.JSON, slow, DocumentFormat.XML, new XmlCodec()));
    Asked requested = new Asked();
    slowly.view(FULL, requested);
    assertThat(hasBegun.await(20, TimeUnit.SECONDS)).isTrue();

    slowly.close();
    mayGoOn.countDown();

    assertThatThrownBy(requested::await).hasRootCauseMessage("views are closed");
  }

  /** A codec of JSON that does this before it encodes a block. */
  private static Codec withInstances(Runnable before) {
    return (Codec) Proxy.newProxyInstance(
        Codec.class.getClassLoader(), new Class<?>[] {Codec.class}, (proxy, method, arguments) -> {
          if (method.getName().equals("instances")) {
            before.run();
          }
          return method.invoke(new JsonCodec(), arguments);
        });
  }

  @Test
  void view_afterClose_fails() {
    views.close();
    Asked requested = new Asked();

    views.view(FULL, requested);

    assertThatThrownBy(requested::await).hasRootCauseMessage("views are closed");
  }

  @Test
  void currentTag_ofEverything_isKnownBeforeItIsMade() {
    register("DEMO", "i-1");

    String tag = views.currentTag(FULL);

    assertThat(Asked.view(views, FULL).tag()).isEqualTo(tag);
    assertThat(views.currentTag(DELTA)).isNull();
  }

  @Test
  void currentTag_languagesFormsAndBoots_differ() {
    ResponseCache other = new ResponseCache(registry, clock);
    List<@Nullable String> tags = new ArrayList<>();
    for (DocumentFormat format : DocumentFormat.values()) {
      for (Form form : Form.values()) {
        tags.add(views.currentTag(CacheKey.of(CacheScope.FULL, format, form)));
        tags.add(other.currentTag(CacheKey.of(CacheScope.FULL, format, form)));
      }
    }
    other.close();

    assertThat(tags).doesNotHaveDuplicates().doesNotContainNull();
  }

  @Test
  void cut_afterAChange_goesOnWhereItEnds() {
    register("DEMO", "i-1");
    register("OTHER", "i-2");
    ReadSnapshot snapshot = Asked.cut(views, CacheScope.APPLICATION, "DEMO");

    register("DEMO", "i-3");

    assertThat(snapshot.instances()).extracting(InstanceInfo::id).containsExactly("i-1");
    assertThat(snapshot.at().next()).isSameAs(registry.changes().last());
    assertThat(Asked.cut(views, CacheScope.VIP, "vip-OTHER").instances())
        .extracting(InstanceInfo::id)
        .containsExactly("i-2");
  }

  @Test
  void applicationNames_asOfNow_inOrderOfAppearance() {
    register("B", "i-1");
    register("A", "i-2");

    assertThat(Asked.applicationNames(views)).containsExactly("B", "A");
  }

  @Test
  void cut_callbackThatThrows_isReportedSo() {
    CompletableFuture<Throwable> reported = new CompletableFuture<>();
    Consumer<ReadSnapshot> faulty = snapshot -> {
      throw new IllegalStateException("taker's own fault");
    };

    views.cut(CacheScope.FULL, "", faulty, reported::complete);

    assertThat(reported.orTimeout(20, TimeUnit.SECONDS).join()).hasMessage("taker's own fault");
    assertThat(views.failures()).isEqualTo(1);
    assertThat(Asked.applicationNames(views)).isEmpty();
  }

  @Test
  void questions_stillWaitingAtTheClose_fail() throws Exception {
    CountDownLatch mayGoOn = new CountDownLatch(1);
    keepBusyUntil(mayGoOn);
    List<CompletableFuture<Throwable>> reported =
        List.of(new CompletableFuture<>(), new CompletableFuture<>());
    views.cut(CacheScope.FULL, "", snapshot -> {}, reported.get(0)::complete);
    views.applicationNames(names -> {}, reported.get(1)::complete);

    views.close();
    mayGoOn.countDown();

    for (CompletableFuture<Throwable> each : reported) {
      assertThat(each.orTimeout(20, TimeUnit.SECONDS).join()).hasMessage("views are closed");
    }
  }

  @Test
  void questions_afterClose_failAtOnce() {
    views.close();
    List<Throwable> reported = new ArrayList<>();

    views.cut(CacheScope.FULL, "", snapshot -> {}, reported::add);
    views.applicationNames(names -> {}, reported::add);

    assertThat(reported).hasSize(2);
  }

  private static CacheKey application(String name) {
    return new CacheKey(CacheScope.APPLICATION, name, DocumentFormat.JSON, Form.FULL);
  }

  private String name(CacheScope extent) {
    return switch (extent) {
      case FULL, DELTA -> "";
      case SINCE -> Long.toString(atStart);
      case APPLICATION -> "DEMO";
      case VIP -> "vip-DEMO";
      case SECURE_VIP -> "secure-DEMO";
    };
  }

  private void register(String app, String id) {
    InstanceInfo instance = Instances.up(app, id, 90).toBuilder()
        .vipAddress("vip-" + app)
        .secureVipAddress("secure-" + app)
        .build();
    registry.register(instance, Origin.CLIENT);
  }

  private static Applications decoded(CachedRepresentation view) throws Exception {
    byte[] bytes = Bytes.plain(view);
    return new JsonCodec().decodeApplications(bytes, 0, bytes.length, 0);
  }
}
