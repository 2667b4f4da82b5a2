// SPDX-License-Identifier: Apache-2.0
package io.systole.server.deploy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.cluster.NativeClusterSettings;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.ServerConfig;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The component {@code deploy/kubernetes/native-cluster}, merged with the base. */
class NativeClusterComponentTest {
  private static final Path BASE = Path.of("deploy/kubernetes/base");
  private static final Path COMPONENT = Path.of("deploy/kubernetes/native-cluster");
  private static final String POD_ADDRESS = "10.0.0.7";

  private static JsonNode merged() {
    JsonNode base = KubernetesManifestsTest.read(BASE.resolve("statefulset.yaml"));
    StrategicMerge.apply(base, KubernetesManifestsTest.read(COMPONENT.resolve("statefulset.yaml")));
    return base;
  }

  @Test
  void statefulSet_merged_hasTheMembersOfItsKind() throws Throwable {
    JsonNode merged = merged();

    KubernetesManifestsTest.validate(merged);

    assertThat(merged.at("/spec/replicas").asInt()).isEqualTo(3);
  }

  @Test
  void nodes_configured_areMembersAndNoPeers() {
    Map<String, String> environment = new HashMap<>();
    for (JsonNode variable : merged().at("/spec/template/spec/containers/0/env")) {
      environment.put(
          variable.path("name").asString(), variable.path("value").asString(POD_ADDRESS));
    }

    ServerConfig config = ConfigParser.read(Map.of(), environment);

    NativeClusterSettings cluster = requireNonNull(config.cluster());
    assertThat(config.peers().hasPeers()).isFalse();
    assertThat(cluster.group().dnsName())
        .isEqualTo(KubernetesManifestsTest.read(BASE.resolve("service-nodes.yaml"))
            .at("/metadata/name")
            .asString());
    assertThat(cluster.group().bind().getHostString()).isEqualTo(POD_ADDRESS);
    assertThat(cluster.group().secretFile()).isEqualTo(Path.of("/etc/systole/cluster/secret"));
  }

  @Test
  void networkPolicy_patched_allowsThePortOfMembersBetweenThem() {
    JsonNode component = KubernetesManifestsTest.read(COMPONENT.resolve("kustomization.yaml"));

    JsonNode operations =
        new YAMLMapper().readTree(component.at("/patches/1/patch").asString());

    assertThat(operations.values()).hasSize(2).allSatisfy(operation -> {
      assertThat(operation.at("/value/ports/0/port").asString())
          .isEqualTo(merged().at("/spec/template/spec/containers/0/ports").values().stream()
              .map(port -> port.path("name").asString())
              .filter("cluster"::equals)
              .findFirst()
              .orElseThrow());
      assertThat(operation.path("value").toString())
          .contains("\"matchLabels\":{\"app.kubernetes.io/name\":\"systole\"}");
    });
  }
}
