// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Spec §1.2 item 11. */
class InstanceByIdEndpointTest {
  private final ManualClock clock = new ManualClock();
  private final Registry registry =
      new Registry(new RegistrySettings(10, true, 180_000, 100), clock);
  private final ResponseCache cache = new ResponseCache(registry, clock);
  private final InstanceByIdEndpoint anywhere =
      new InstanceByIdEndpoint(registry, cache, new DocumentResponses());

  @AfterEach
  void end() {
    cache.close();
  }

  @Test
  void handle_idInTwoApplications_isFoundInTheOldest() {
    registry.register(Instances.up("OLD", "i", 90), Origin.CLIENT);
    registry.register(Instances.up("NEW", "i", 90), Origin.CLIENT);

    Response found = ask("i");

    assertThat(found.status()).isEqualTo(200);
    assertThat(Requests.body(found)).contains("\"app\":\"OLD\"");
    assertThat(ask("j")).isSameAs(Response.NOT_FOUND);
  }

  @Test
  void handle_whenStopped_is500() {
    cache.close();

    assertThat(ask("i")).isSameAs(Response.INTERNAL_ERROR);
  }

  private Response ask(String id) {
    return ResponseFuture.by(
        anywhere, Requests.get(Map.of("id", id), "Accept", "application/json"));
  }
}
