// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static io.systole.client.mirror.MirrorFixture.assertHolds;
import static io.systole.client.mirror.MirrorFixture.refresh;
import static io.systole.client.mirror.MirrorFixture.until;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import java.io.IOException;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** After each round the mirror equals the registry, for random histories. */
@Timeout(60)
class MirrorHistoryTest {
  private final MirrorFixture fixture = new MirrorFixture();

  @AfterEach
  void close() throws IOException {
    fixture.close();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void deltas_randomHistory_equalRegistry(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    ModelRegistry registry = new ModelRegistry(random.nextBoolean());
    RegistryMirror mirror = fixture.ready(fixture.builder(fixture.server(registry)).stream(false)
        .lossShareMax(1)
        .interval(Duration.ofSeconds(1)));

    for (int round = 0; round < 40; round++) {
      change(registry, random);
      if (random.nextInt(10) == 0) {
        // Longer than any server retains changes.
        registry.discardChanges();
        fixture.clock.passMs(600_000);
      }
      refresh(mirror);

      assertHolds(mirror.snapshot(), registry.instances());
    }
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4})
  void streams_randomHistory_equalRegistry(long seed) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    ModelRegistry registry = new ModelRegistry(true);
    RegistryMirror mirror = fixture.ready(fixture
        .builder(fixture.server(registry))
        .lossShareMax(1)
        .retryDelay(Duration.ofMillis(1), Duration.ofMillis(1))
        .interval(Duration.ofMillis(5))
        .clock(Clock.SYSTEM));

    for (int round = 0; round < 40; round++) {
      change(registry, random);
      switch (random.nextInt(6)) {
        case 0 -> registry.endStreams();
        case 1 -> registry.discardChanges();
        case 2 -> registry.sendToStreams("event: reset\ndata: {}\n\n");
        case 3 -> registry.sendToStreams(":\n\n");
        default -> {}
      }
      until(() -> mirror.snapshot().version() == registry.version());

      assertHolds(mirror.snapshot(), registry.instances());
    }
  }

  private static void change(ModelRegistry registry, SplittableRandom random) {
    InstanceStatus[] statuses = InstanceStatus.values();
    for (int change = random.nextInt(20); change > 0; change--) {
      String app = "APP-" + random.nextInt(4);
      String id = "i" + random.nextInt(12);
      switch (random.nextInt(3)) {
        case 0 -> registry.cancel(app, id);
        case 1 ->
          registry.register(ModelRegistry.instance(app, id).toBuilder()
              .vipAddress(random.nextBoolean() ? "v" + random.nextInt(3) : null)
              .secureVipAddress("s,t" + random.nextInt(3))
              .build());
        default ->
          registry.instances().stream()
              .filter(instance -> instance.id().equals(id))
              .map(InstanceInfo::app)
              .forEach(
                  found -> registry.status(found, id, statuses[random.nextInt(statuses.length)]));
      }
    }
  }
}
