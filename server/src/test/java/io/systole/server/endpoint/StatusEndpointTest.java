// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Instances;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class StatusEndpointTest {
  private final ManualClock clock = new ManualClock();
  private InstanceInfo self = Instances.up("SYSTOLE", "n-1", 90);
  private final StatusEndpoint endpoint = new StatusEndpoint(
      new DocumentResponses(),
      new SmallRuntime(),
      () -> self,
      () -> new StatusEndpoint.Replicas(List.of(), List.of()),
      clock);

  @Test
  void handle_withoutAccept_isXmlWithTheNodeItself() {
    Response response = endpoint.handle(Requests.get(Map.of()));

    assertThat(response.status()).isEqualTo(200);
    assertThat(response.contentType()).isEqualTo(Response.XML);
    assertThat(response.headers()).containsKey("Vary");
    assertThat(Requests.body(response)).startsWith("""
            <com.netflix.eureka.util.StatusInfo>
              <generalStats>
                <num-of-cpus>3</num-of-cpus>
                <total-avail-memory>100mb</total-avail-memory>
                <current-memory-usage>25mb (25%)</current-memory-usage>
                <server-uptime>00:00</server-uptime>
              </generalStats>
              <applicationStats>
                <registered-replicas></registered-replicas>
                <available-replicas></available-replicas>
                <unavailable-replicas></unavailable-replicas>
              </applicationStats>
              <instanceInfo>
                <instanceId>n-1</instanceId>
            """);
  }

  @Test
  void handle_json_isTheSameTree() {
    Response response = endpoint.handle(Requests.get(Map.of(), "Accept", "application/json"));

    assertThat(response.contentType()).isEqualTo(Response.JSON);
    assertThat(Requests.body(response))
        .startsWith("{\"com.netflix.eureka.util.StatusInfo\":{\"generalStats\":{")
        .contains("\"instanceInfo\":{\"instanceId\":\"n-1\"");
  }

  @Test
  void handle_later_reportsUptimeRegardlessOfTheWallClock() {
    clock.advanceMs(TimeUnit.MINUTES.toMillis(26 * 60 + 5));
    clock.stepWallTo(0);

    Response response = endpoint.handle(Requests.get(Map.of()));

    assertThat(Requests.body(response)).contains("<server-uptime>1 days 02:05</server-uptime>");
  }

  @Test
  void handle_afterSelfChanged_showsTheNewInstance() {
    self = Instances.up("SYSTOLE", "n-2", 90);

    Response response = endpoint.handle(Requests.get(Map.of()));

    assertThat(Requests.body(response)).contains("<instanceId>n-2</instanceId>");
  }

  private static final class SmallRuntime implements StatusEndpoint.RuntimeInfo {
    @Override
    public int cpus() {
      return 3;
    }

    @Override
    public long memoryBytes() {
      return 100L << 20;
    }

    @Override
    public long memoryUsedBytes() {
      return 25L << 20;
    }
  }
}
