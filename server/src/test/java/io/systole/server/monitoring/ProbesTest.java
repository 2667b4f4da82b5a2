// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.server.endpoint.Readiness.WaitingTime;
import io.systole.server.monitoring.NodeHealth.RunPhase;
import io.systole.server.peer.PeerCounters;
import io.systole.server.peer.PeerStatus;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.store.StoreCounters.Degradation;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Liveness, readiness, and health as Spring Boot's actuator reports it. */
class ProbesTest {
  private static final long AT_MS = 1_767_225_600_000L;

  private RunPhase phase = RunPhase.SERVING;
  private @Nullable Degradation degradation;
  private @Nullable WaitingTime waitingTime;
  private boolean isClusterAwaited;
  private final List<PeerStatus> peers = new ArrayList<>();
  private final NodeHealth health = new NodeHealth(
      () -> phase, () -> degradation, () -> waitingTime, () -> peers, () -> isClusterAwaited);
  private final ProbeEndpoints probes = new ProbeEndpoints(health);
  private final ActuatorEndpoints actuator = new ActuatorEndpoints(health, "1.2", "abc", true);

  private static Response sent(RequestHandler endpoint) {
    return endpoint.handle(
        new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, Map.of("host", "node:8761")));
  }

  private static String text(Response response) {
    return new String(response.bytes(), StandardCharsets.UTF_8);
  }

  private void limit() {
    degradation = new Degradation("no space", AT_MS);
    waitingTime = new WaitingTime("see --wait-when-empty", AT_MS, 0);
    peers.add(new PeerStatus(
        URI.create("http://secret-peer:8761/eureka"),
        new InetSocketAddress(InetAddress.getLoopbackAddress(), 8761),
        LinkState.COMPARING,
        null,
        0,
        0,
        0,
        -1,
        null,
        new PeerCounters()));
  }

  @ParameterizedTest
  @EnumSource(RunPhase.class)
  void liveness_inAnyPhase_is200(RunPhase current) {
    phase = current;
    limit();

    assertThat(sent(probes.liveness()).status()).isEqualTo(200);
    assertThat(text(sent(probes.liveness()))).isEqualTo("{\"status\":\"UP\"}");
    assertThat(sent(actuator.liveness()).status()).isEqualTo(200);
  }

  @Test
  void readiness_serving_is200() {
    assertThat(sent(probes.readiness()).status()).isEqualTo(200);
    assertThat(text(sent(probes.readiness()))).isEqualTo("{\"status\":\"UP\",\"reasons\":[]}");
    assertThat(text(sent(actuator.readiness()))).isEqualTo("{\"status\":\"UP\"}");
    assertThat(sent(actuator.readiness()).contentType())
        .isEqualTo("application/vnd.spring-boot.actuator.v3+json");
  }

  @Test
  void readiness_loadingOrDraining_is503WithTheReason() {
    phase = RunPhase.LOADING;
    assertThat(sent(probes.readiness()).status()).isEqualTo(503);
    assertThat(text(sent(probes.readiness())))
        .isEqualTo("{\"status\":\"DOWN\",\"reasons\":[{\"code\":\"loading\","
            + "\"reason\":\"The node is starting.\"}]}");

    phase = RunPhase.DRAINING;
    assertThat(sent(probes.readiness()).status()).isEqualTo(503);
    assertThat(text(sent(probes.readiness()))).contains("\"code\":\"draining\"");
    assertThat(sent(actuator.readiness()).status()).isEqualTo(503);
    assertThat(text(sent(actuator.readiness()))).isEqualTo("{\"status\":\"OUT_OF_SERVICE\"}");
    assertThat(sent(actuator.health()).status()).isEqualTo(503);
  }

  @Test
  void readiness_registryOfTheClusterAwaited_is503AndAlive() {
    isClusterAwaited = true;

    assertThat(sent(probes.readiness()).status()).isEqualTo(503);
    assertThat(text(sent(probes.readiness())))
        .isEqualTo("{\"status\":\"DOWN\",\"reasons\":[{\"code\":\"waiting_for_cluster\","
            + "\"reason\":\"Waiting for the registry of the cluster.\"}]}");
    assertThat(sent(actuator.readiness()).status()).isEqualTo(503);
    assertThat(sent(probes.liveness()).status()).isEqualTo(200);
  }

  /** Heartbeats must still reach the node. */
  @Test
  void readiness_limited_is200WithEveryReason() {
    limit();

    Response response = sent(probes.readiness());

    assertThat(response.status()).isEqualTo(200);
    assertThat(text(response))
        .isEqualTo("{\"status\":\"UP\",\"reasons\":["
            + "{\"code\":\"disk_degraded\",\"reason\":\"Changes are not persisted as configured"
            + " since 2026-01-01T00:00:00Z: no space.\"},"
            + "{\"code\":\"behind_peers\",\"reason\":\"The registry is being compared with 1 peer,"
            + " and may lack instances of theirs.\"},"
            + "{\"code\":\"reads_wait\",\"reason\":\"Reads of the registry are refused until"
            + " 2026-01-01T00:00:00Z: see --wait-when-empty.\"}]}")
        .doesNotContain("secret-peer");
  }

  @Test
  void actuatorHealth_serving_isAsSpringBootReportsIt() {
    assertThat(text(sent(actuator.health())))
        .isEqualTo("{\"status\":\"UP\",\"components\":{\"journal\":{\"status\":\"UP\"},"
            + "\"livenessState\":{\"status\":\"UP\"},\"peers\":{\"status\":\"UP\"},"
            + "\"readinessState\":{\"status\":\"UP\"},\"reads\":{\"status\":\"UP\"}},"
            + "\"groups\":[\"liveness\",\"readiness\"]}");
  }

  @Test
  void actuatorHealth_limited_isUpWithTheComponent() {
    limit();

    Response response = sent(actuator.health());

    assertThat(response.status()).isEqualTo(200);
    assertThat(text(response))
        .startsWith("{\"status\":\"UP\"")
        .contains("\"journal\":{\"status\":\"DEGRADED\",\"details\":{\"reason\":\"Changes are");
  }

  @Test
  void actuatorLinks_withAHost_areAbsolute() {
    assertThat(text(sent(actuator.links())))
        .contains("\"self\":{\"href\":\"https://node:8761/actuator\",\"templated\":false}")
        .contains("\"health-path\":{\"href\":\"https://node:8761/actuator/health/{*path}\","
            + "\"templated\":true}");
  }

  @Test
  void actuatorInfo_hasBuildAndJvm() {
    assertThat(text(sent(actuator.info())))
        .startsWith("{\"build\":{\"name\":\"systole\",\"version\":\"1.2\"},"
            + "\"git\":{\"commit\":{\"id\":\"abc\"}},\"java\":{\"version\":\""
            + System.getProperty("java.version") + "\"");
  }
}
