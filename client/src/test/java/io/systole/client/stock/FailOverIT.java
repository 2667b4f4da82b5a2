// SPDX-License-Identifier: Apache-2.0
package io.systole.client.stock;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.ClientBuilder;
import io.systole.client.HeartbeatClient;
import io.systole.protocol.model.InstanceInfo;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("extended")
class FailOverIT {
  private static final int INSTANCES = 200;

  @Test
  void beats_preferredServerKilledAndBack_failOverAndReturn() throws IOException {
    List<InstanceInfo> fleet = StockFleet.of("moved", INSTANCES);
    EventCounts received = new EventCounts();
    try (StockServer own = StockServer.start(StockProgram.SPRING, StockServer.UNBOUNDED);
        StockServer far = StockServer.start(StockProgram.NETFLIX, StockServer.UNBOUNDED);
        HeartbeatClient client = new ClientBuilder()
            .zone("own", List.of(own.url()))
            .zone("far", List.of(far.url()))
            .connections(4)
            .reconnectDelay(Duration.ofMillis(10), Duration.ofMillis(200))
            .returnDelay(Duration.ofMillis(100))
            .interval(Duration.ofMillis(500))
            .observers(() -> received)
            .build()) {
      StockServerLifecycle.register(client, fleet);

      own.kill();
      awaitAll(fleet, far);
      own.startEmpty(StockServer.UNBOUNDED);
      awaitAll(fleet, own);

      received.awaitMore("beat 200", INSTANCES);
      assertThat(received.responses()).containsOnlyKeys("registration 204", "beat 200", "beat 404");
      assertThat(client.state().join().alive()).isEqualTo(INSTANCES);
    }
  }

  private static void awaitAll(List<InstanceInfo> fleet, StockServer at) {
    StockServerLifecycle.awaitServer().until(() -> fleet.stream().allMatch(at.registry()::holds));
  }
}
