// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Spec §3.4, and §8 rows 39 to 42. */
class MetadataEndpointTest {
  private static final InstanceKey KEY = new InstanceKey("DEMO", "i-1");
  private static final int DURATION_SECS = 90;
  private static final int INSTANCE_BYTES_MAX = 2_000;

  private final ManualClock clock = new ManualClock();
  private final Registry registry = new Registry(
      new RegistrySettings(
          10,
          true,
          180_000,
          100,
          LeaseRules.STOCK,
          new ByteBounds(INSTANCE_BYTES_MAX, 8_300, 1_000_000)),
      clock);
  private final MetadataEndpoint endpoint = new MetadataEndpoint(registry);

  @BeforeEach
  void register() {
    registry.register(
        Instances.up("DEMO", "i-1", DURATION_SECS).toBuilder()
            .metadata(Map.of("zone", "z1"))
            .build(),
        Origin.CLIENT);
  }

  @Test
  void put_pairs_areAddedAndTheFirstOfANameCounts() {
    assertThat(put("k1=v1&k2=v%202&k1=second&k3=")).isSameAs(Response.OK);

    assertThat(registered().metadata())
        .containsExactlyInAnyOrderEntriesOf(
            Map.of("zone", "z1", "k1", "v1", "k2", "v 2", "k3", ""));
  }

  @Test
  void put_knownName_isOverwritten() {
    put("zone=z2");

    assertThat(registered().metadata()).containsExactly(Map.entry("zone", "z2"));
  }

  @Test
  void put_nothing_renewsWithoutANewVersion() {
    clock.advanceMs(DURATION_SECS * 1_000);

    assertThat(put("")).isSameAs(Response.OK);

    clock.advanceMs(DURATION_SECS * 1_000);
    assertThat(registry.find(KEY)).isNotNull();
    clock.advanceMs(1);
    assertThat(registry.find(KEY)).isNull();
    assertThat(registered().lastDirtyMs()).isEqualTo(Instances.DIRTY_MS);
    assertThat(registered().actionType()).isEqualTo(ActionType.ADDED);
  }

  @Test
  void put_tooManyEntries_is400AndChangesNothing() {
    String tooMany = IntStream.range(0, Registry.METADATA_ENTRIES_MAX)
        .mapToObj(i -> "k" + i + "=v")
        .collect(Collectors.joining("&"));

    assertThat(put(tooMany)).isSameAs(Response.BAD_REQUEST);

    assertThat(registered().metadata()).containsExactly(Map.entry("zone", "z1"));
  }

  /** Metadata was limited in entries only: values of 8 KB each grew a document to megabytes. */
  @Test
  void put_tooManyBytes_is413AndChangesNothing() {
    assertThat(put("k=" + "v".repeat(INSTANCE_BYTES_MAX / 2))).isSameAs(Response.OK);

    assertThat(put("k2=" + "v".repeat(INSTANCE_BYTES_MAX / 2)))
        .isSameAs(Response.CONTENT_TOO_LARGE);

    assertThat(registered().metadata()).containsOnlyKeys("zone", "k");
    assertThat(put("k=small")).isSameAs(Response.OK);
    assertThat(put("k2=small")).isSameAs(Response.OK);
  }

  @Test
  void put_registryFull_is503UnlessItDoesNotGrow() {
    assertThat(put("k=" + "v".repeat(900))).isSameAs(Response.OK);

    assertThat(put("k2=" + "v".repeat(600))).isSameAs(Response.OVERLOADED);

    assertThat(put("k=" + "w".repeat(900))).isSameAs(Response.OK);
  }

  @Test
  void put_expiredOrUnknown_is404() {
    clock.advanceMs(DURATION_SECS * 1_000 + 1);

    assertThat(put("k=v")).isSameAs(Response.NOT_FOUND);

    registry.expiry().evictExpired(0);
    assertThat(put("k=v")).isSameAs(Response.NOT_FOUND);
  }

  private Response put(String query) {
    return endpoint.handle(Requests.toInstance(HttpMethod.PUT, query));
  }

  private InstanceInfo registered() {
    return requireNonNull(registry.findStored(KEY));
  }
}
