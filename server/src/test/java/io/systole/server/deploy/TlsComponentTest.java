// SPDX-License-Identifier: Apache-2.0
package io.systole.server.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The component {@code deploy/kubernetes/tls}, merged with the base as Kustomize does. */
class TlsComponentTest {
  private static final Path BASE = Path.of("deploy/kubernetes/base");
  private static final Path COMPONENT = Path.of("deploy/kubernetes/tls");
  private static final List<String> MERGE_KEYS = List.of("mountPath", "name");

  private static JsonNode merged(String file) {
    JsonNode base = KubernetesManifestsTest.read(BASE.resolve(file));
    merge(base, KubernetesManifestsTest.read(COMPONENT.resolve(file)));
    return base;
  }

  /** Merges objects by their members, and lists by the key of their elements. */
  private static void merge(JsonNode target, JsonNode patch) {
    if (target instanceof ArrayNode elements) {
      for (JsonNode patched : patch) {
        JsonNode same = elementLike(patched, elements);
        if (same == null) {
          elements.add(patched);
        } else {
          merge(same, patched);
        }
      }
    } else if (target instanceof ObjectNode members) {
      for (Map.Entry<String, JsonNode> patched : patch.properties()) {
        JsonNode same = members.get(patched.getKey());
        if (same == null || same.isValueNode()) {
          members.set(patched.getKey(), patched.getValue());
        } else {
          merge(same, patched.getValue());
        }
      }
    }
  }

  private static JsonNode elementLike(JsonNode patched, ArrayNode elements) {
    String key = MERGE_KEYS.stream().filter(patched::has).findFirst().orElseThrow();
    for (JsonNode element : elements) {
      if (element.path(key).equals(patched.path(key))) {
        return element;
      }
    }
    return null;
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
