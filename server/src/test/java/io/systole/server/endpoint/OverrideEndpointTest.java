// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static io.systole.protocol.http.HttpMethod.DELETE;
import static io.systole.protocol.http.HttpMethod.PUT;
import static io.systole.protocol.model.InstanceStatus.DOWN;
import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UNKNOWN;
import static io.systole.protocol.model.InstanceStatus.UP;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Spec §3.4, and the listing of all overrides (spec §1.2 item 17). */
class OverrideEndpointTest {
  private static final InstanceKey KEY = new InstanceKey("DEMO", "i-1");
  private static final int DURATION_SECS = 90;

  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10, true, 180_000, 100), clock);
  private final OverrideEndpoint endpoint = new OverrideEndpoint(registry);

  @BeforeEach
  void register() {
    registry.register(Instances.up("DEMO", "i-1", DURATION_SECS), Origin.CLIENT);
  }

  @Test
  void put_otherStatus_isOverriddenAndInDeltas() {
    long before = registry.version();

    Response response = handle(PUT, "value=OUT_OF_SERVICE");

    assertThat(response).isSameAs(Response.OK);
    assertThat(registered().status()).isEqualTo(OUT_OF_SERVICE);
    assertThat(registered().overriddenStatus()).isEqualTo(OUT_OF_SERVICE);
    assertThat(registered().actionType()).isEqualTo(ActionType.MODIFIED);
    assertThat(registry.version()).isEqualTo(before + 1);
    assertThat(overrides()).isEqualTo("{\"i-1\":\"OUT_OF_SERVICE\"}");
  }

  @Test
  void put_currentStatus_renewsOnly() {
    long before = registry.version();
    clock.advanceMs(DURATION_SECS * 1_000);

    assertThat(handle(PUT, "value=UP")).isSameAs(Response.OK);

    clock.advanceMs(2 * DURATION_SECS * 1_000);
    assertThat(registry.expiry().evictExpired(0)).isZero();
    assertThat(registry.version()).isEqualTo(before);
    assertThat(overrides()).isEqualTo("{}");
  }

  @ParameterizedTest
  @CsvSource({
    "value=DOWN, 1700000000000",
    "value=DOWN&lastDirtyTimestamp=1700000000001, 1700000000001",
    "value=DOWN&lastDirtyTimestamp=1699999999999, 1700000000000"
  })
  void put_timestamp_replacesAnOlderOneOnly(String query, long dirtyMs) {
    handle(PUT, query);

    assertThat(registered().lastDirtyMs()).isEqualTo(dirtyMs);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "value=", "value=up", "value=BOGUS", "value=DOWN&lastDirtyTimestamp=x"})
  void put_badValue_is400BeforeAnyEffect(String query) {
    InstanceInfo before = registered();

    assertThat(handle(PUT, query)).isSameAs(Response.BAD_REQUEST);

    assertThat(registered()).isEqualTo(before);
  }

  @Test
  void delete_withoutValue_setsUnknown() {
    handle(PUT, "value=OUT_OF_SERVICE");

    assertThat(handle(DELETE, "")).isSameAs(Response.OK);

    assertThat(registered().status()).isEqualTo(UNKNOWN);
    assertThat(registered().overriddenStatus()).isEqualTo(UNKNOWN);
    assertThat(overrides()).isEqualTo("{}");
  }

  @Test
  void delete_withValue_setsIt() {
    handle(PUT, "value=OUT_OF_SERVICE");

    assertThat(handle(DELETE, "value=UP")).isSameAs(Response.OK);

    assertThat(registered().status()).isEqualTo(UP);
  }

  @Test
  void delete_withoutOverride_changesNothing() {
    InstanceInfo before = registered();

    assertThat(handle(DELETE, "value=DOWN")).isSameAs(Response.OK);

    assertThat(registered().status()).isEqualTo(before.status()).isNotEqualTo(DOWN);
    assertThat(registered().actionType()).isEqualTo(ActionType.ADDED);
  }

  @Test
  void delete_badValue_is400() {
    assertThat(handle(DELETE, "value=BOGUS")).isSameAs(Response.BAD_REQUEST);
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT", "DELETE"})
  void either_expiredLease_is404AndNotRenewed(HttpMethod method) {
    clock.advanceMs(DURATION_SECS * 1_000 + 1);

    assertThat(handle(method, "value=DOWN")).isSameAs(Response.NOT_FOUND);

    assertThat(registry.expiry().evictExpired(0)).isEqualTo(1);
    assertThat(handle(method, "value=DOWN")).isSameAs(Response.NOT_FOUND);
  }

  private Response handle(HttpMethod method, String query) {
    return endpoint.handle(Requests.toInstance(method, query));
  }

  private InstanceInfo registered() {
    return requireNonNull(registry.findStored(KEY));
  }

  private String overrides() {
    Response response =
        new StatusOverridesEndpoint(registry).handle(Requests.toInstance(HttpMethod.GET, ""));
    assertThat(response.contentType()).isEqualTo(Response.JSON);
    return Requests.body(response);
  }
}
