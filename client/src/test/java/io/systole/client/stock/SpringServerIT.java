// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.systole.client.HeartbeatClient;
import io.systole.client.SendMode;
import io.systole.protocol.model.InstanceInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

class SpringServerIT extends StockServerLifecycle {
  SpringServerIT() {
    super(StockProgram.SPRING);
  }

  /** Tomcat by default closes a connection after a hundred responses. */
  @Test
  @Order(LAST + 1)
  void beats_connectionsEndAfter100Requests_leaveAllAliveAndAccountForEachBeat()
      throws IOException {
    server().allow(StockServer.AS_IT_COMES);
    List<InstanceInfo> fleet = StockFleet.of("cut", INSTANCES);
    try (HeartbeatClient client =
        options().interval(Duration.ofMillis(INTERVAL_MS)).build()) {
      register(client, fleet);

      received().awaitMore("beat 200", 5 * INSTANCES);

      client.pace(SendMode.REST);
      await().atMost(SOON).until(() -> received().open() == 0);
      assertThat(idsHeld()).containsExactlyInAnyOrderElementsOf(ids(fleet));
      assertThat(client.state().join().lastLoss()).isNotEmpty();
      assertThat(received().responses()).containsOnlyKeys("registration 204", "beat 200");
    }
  }
}
