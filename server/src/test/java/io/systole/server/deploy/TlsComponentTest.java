// SPDX-License-Identifier: Apache-2.0
package io.systole.server.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The component {@code deploy/kubernetes/tls}, merged with the base as Kustomize does. */
class TlsComponentTest {
  private static final Path BASE = Path.of("deploy/kubernetes/base");
  private static final Path COMPONENT = Path.of("deploy/kubernetes/tls");

  private static JsonNode merged(String file) {
    JsonNode base = KubernetesManifestsTest.read(BASE.resolve(file));
    StrategicMerge.apply(base, KubernetesManifestsTest.read(COMPONENT.resolve(file)));
    return base;
  }

  @Test
  void statefulSet_merged_hasTheMembersOfItsKind() throws Throwable {
    JsonNode merged = merged("statefulset.yaml");

    KubernetesManifestsTest.validate(merged);

    JsonNode pod = merged.at("/spec/template/spec");
    assertThat(pod.path("containers").size()).isEqualTo(1);
    assertThat(pod.at("/containers/0/readinessProbe/httpGet").toString())
        .isEqualTo("{\"path\":\"/health/ready\",\"port\":\"management\",\"scheme\":\"HTTPS\"}");
  }

  /** An open management port on the network would let anyone evict instances. */
  @Test
  void evictionByHand_isServedOnlyWithCredentials() {
    assertThat(evictionByHand(KubernetesManifestsTest.read(BASE.resolve("statefulset.yaml"))))
        .isEqualTo("false");
    assertThat(evictionByHand(merged("statefulset.yaml"))).isEqualTo("true");
  }

  private static String evictionByHand(JsonNode statefulSet) {
    for (JsonNode variable : statefulSet.at("/spec/template/spec/containers/0/env")) {
      if (variable.path("name").stringValue().equals("SYSTOLE_MANAGEMENT")) {
        return variable.path("value").stringValue();
      }
    }
    return "";
  }
}
