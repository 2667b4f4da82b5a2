// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.server.registry.Instances;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A node that stops while another one loads the registry from it. */
@Timeout(120)
class ClusterHandoverTest {
  private static final JsonMapper JSON = new JsonMapper();

  private static final int LEASES = 60_000;

  private static EmbeddedMember start(List<Integer> ports, int member) {
    try {
      return EmbeddedMember.start(ports, member, Map.of("--drain-timeout", "30s"));
    } catch (IOException failure) {
      throw new CompletionException(failure);
    }
  }

  private static JsonNode describe(EmbeddedMember node) {
    return JSON.readTree(node.send("GET", "/systole/cluster").body());
  }

  @Test
  void stop_whileTheOnlyOtherMemberLoads_endsWhenThatHasAllLeases() throws Exception {
    List<Integer> ports = EmbeddedMember.ports(2);
    EmbeddedMember first = start(ports, 0);
    Registry registry = first.server.registry();
    for (int i = 0; i < LEASES; i++) {
      registry.register(Instances.up("APP", "i" + i, 90), Origin.CLIENT);
    }

    CompletableFuture<EmbeddedMember> joining =
        CompletableFuture.supplyAsync(() -> start(ports, 1));
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(1))
        .until(() -> describe(first).path("members").size() == 2);
    first.close();

    try (EmbeddedMember second = joining.get(60, TimeUnit.SECONDS)) {
      assertThat(second.server.registry().leaseCount()).isEqualTo(LEASES);
    }
  }
}
