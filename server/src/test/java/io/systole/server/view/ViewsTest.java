// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.Applications;
import io.systole.server.registry.Instances;
import io.systole.server.registry.KeyProbe;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.time.ManualClock;
import io.systole.server.view.ViewKey.Extent;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ViewsTest {
  private static final ViewKey FULL = new ViewKey(Extent.FULL, Language.JSON, Form.FULL);
  private static final ViewKey DELTA = new ViewKey(Extent.DELTA, Language.JSON, Form.FULL);
  private static final long RETENTION_MS = 180_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(100, true, RETENTION_MS, 100), clock);
  private final Views views = new Views(registry, clock);

  @ParameterizedTest
  @EnumSource(Extent.class)
  void view_nothingChanged_isTheSameObject(Extent extent) {
    ViewKey key = new ViewKey(extent, Language.XML, Form.COMPACT);
    register("i-1");
    EncodedView first = views.view(key);
    registry.renew(
        KeyProbe.of(Instances.up("DEMO", "i-1", 90).key()),
        clock.monotonicNs(),
        Registry.NO_TIMESTAMP,
        Origin.CLIENT);

    EncodedView second = views.view(key);

    assertThat(second).isSameAs(first);
    assertThat(second.gzipped()).isSameAs(first.gzipped());
  }

  @ParameterizedTest
  @EnumSource(Extent.class)
  void view_afterAChange_isANewOne(Extent extent) throws Exception {
    ViewKey key = new ViewKey(extent, Language.JSON, Form.FULL);
    register("i-1");
    EncodedView before = views.view(key);

    register("i-2");
    EncodedView after = views.view(key);

    assertThat(after).isNotSameAs(before);
    assertThat(decoded(after).appsHashCode()).isEqualTo("UP_2_");
    assertThat(decoded(before).appsHashCode()).isEqualTo("UP_1_");
  }

  @Test
  void view_fullOne_doesNotAge() {
    EncodedView before = views.view(FULL);

    clock.advanceMs(10 * RETENTION_MS);

    assertThat(views.view(FULL)).isSameAs(before);
  }

  @Test
  void view_delta_isMadeAgainAfterASecond() {
    register("i-1");
    EncodedView before = views.view(DELTA);

    clock.advanceMs(999);
    EncodedView withinASecond = views.view(DELTA);
    clock.advanceMs(1);
    EncodedView afterASecond = views.view(DELTA);

    assertThat(withinASecond).isSameAs(before);
    assertThat(afterASecond).isNotSameAs(before);
  }

  @Test
  void view_deltaPastRetention_hasForgottenTheChange() throws Exception {
    register("i-1");
    assertThat(decoded(views.view(DELTA)).applications()).hasSize(1);

    clock.advanceMs(RETENTION_MS + 1);

    assertThat(decoded(views.view(DELTA)).applications()).isEmpty();
    assertThat(decoded(views.view(DELTA)).appsHashCode()).isEqualTo("UP_1_");
  }

  @Test
  void view_versions_areOneInFullAndGrowInDeltas() throws Exception {
    long last = Long.parseLong(decoded(views.view(DELTA)).version());
    for (int i = 0; i < 3; i++) {
      register("i-" + i);
      long version = Long.parseLong(decoded(views.view(DELTA)).version());
      assertThat(version).isGreaterThan(last).isNotEqualTo(-1);
      last = version;
      assertThat(decoded(views.view(FULL)).version()).isEqualTo("1");
    }
  }

  @Test
  void gzipped_unpacked_isThePlainOne() throws IOException {
    register("i-1");
    EncodedView view = views.view(FULL);

    byte[] unpacked = new GZIPInputStream(new ByteArrayInputStream(view.gzipped())).readAllBytes();

    assertThat(unpacked).isEqualTo(view.plain());
  }

  @Test
  void view_manyAskersAtOnce_getOneObject() throws Exception {
    int askers = 8;
    ExecutorService threads = Executors.newFixedThreadPool(askers);
    try {
      for (int round = 0; round < 50; round++) {
        register("i-" + round);
        CyclicBarrier start = new CyclicBarrier(askers);
        Callable<EncodedView> ask = () -> {
          start.await();
          return views.view(FULL);
        };
        List<Future<EncodedView>> asked = new ArrayList<>();
        for (int asker = 0; asker < askers; asker++) {
          asked.add(threads.submit(ask));
        }
        EncodedView first = asked.get(0).get();
        for (Future<EncodedView> each : asked) {
          assertThat(each.get()).isSameAs(first);
        }
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private void register(String id) {
    registry.register(Instances.up("DEMO", id, 90), Origin.CLIENT);
  }

  private static Applications decoded(EncodedView view) throws Exception {
    byte[] bytes = view.plain();
    assertThat(new String(bytes, StandardCharsets.UTF_8)).startsWith("{\"applications\":");
    return new JsonCodec().decodeApplications(bytes, 0, bytes.length, 0);
  }
}
