// SPDX-License-Identifier: Apache-2.0
package io.systole.server.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.server.config.ConfigParser;
import io.systole.server.config.ServerConfig;
import io.systole.server.tls.TlsSettings;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The overlay {@code deploy/kubernetes/secure}, merged with the base as Kustomize does. */
class SecureOverlayTest {
  private static final Path KUBERNETES = Path.of("deploy/kubernetes");
  private static final List<String> MERGE_KEYS = List.of("mountPath", "name");
  private static final JsonNode STATEFUL_SET = merged("statefulset.yaml");

  private static JsonNode merged(String file) {
    JsonNode base = KubernetesManifestsTest.read(KUBERNETES.resolve("base").resolve(file));
    merge(base, KubernetesManifestsTest.read(KUBERNETES.resolve("secure").resolve(file)));
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

  private static JsonNode pod() {
    return STATEFUL_SET.at("/spec/template/spec");
  }

  private static JsonNode container() {
    return pod().at("/containers/0");
  }

  private static Map<String, String> environment() {
    Map<String, String> variables = new HashMap<>();
    container()
        .path("env")
        .forEach(entry ->
            variables.put(entry.path("name").stringValue(), entry.path("value").stringValue()));
    return variables;
  }

  @Test
  void kustomization_merges_theFilesBesideIt() {
    JsonNode kustomization =
        KubernetesManifestsTest.read(KUBERNETES.resolve("secure/kustomization.yaml"));

    assertThat(kustomization.path("resources").toString()).isEqualTo("[\"../base\"]");
    assertThat(kustomization.path("patches").toString())
        .isEqualTo("[{\"path\":\"statefulset.yaml\"}]");
  }

  @Test
  void statefulSet_merged_hasTheMembersOfItsKind() throws Throwable {
    KubernetesManifestsTest.validate(STATEFUL_SET);

    assertThat(STATEFUL_SET.at("/metadata/name").stringValue()).isEqualTo("systole");
    assertThat(pod().path("containers").size()).isEqualTo(1);
  }

  @Test
  void statefulSet_settings_requireTlsAndCredentials() {
    ServerConfig config = ConfigParser.read(Map.of(), environment());

    assertThat(config.security().tls())
        .extracting(TlsSettings::clientCertificate)
        .isEqualTo(ClientCertificate.OPTIONAL);
    assertThat(config.security().credentials()).isNotNull();
    assertThat(environment()).containsEntry("SYSTOLE_PEERS", "https://systole-nodes:8761/eureka");
  }

  /** A kubelet has no client certificate. */
  @Test
  void probes_ofTheManagementPort_useTlsWithoutACertificate() {
    TlsSettings management =
        ConfigParser.read(Map.of(), environment()).security().managementTls();

    assertThat(List.of("startupProbe", "readinessProbe", "livenessProbe"))
        .allSatisfy(probe -> assertThat(container().path(probe).path("httpGet").toString())
            .isEqualTo("{\"path\":\"/health\",\"port\":\"management\",\"scheme\":\"HTTPS\"}"));
    assertThat(management)
        .extracting(TlsSettings::clientCertificate)
        .isEqualTo(ClientCertificate.NONE);
  }

  @Test
  void files_ofTheSettings_areInMountedSecrets() {
    Set<String> secrets = new HashSet<>();
    pod().path("volumes").forEach(volume -> {
      if (volume.has("secret")) {
        secrets.add(volume.path("name").stringValue());
        assertThat(volume.at("/secret/defaultMode").intValue()).isEqualTo(0440);
      }
    });
    Set<String> folders = new HashSet<>();
    container().path("volumeMounts").forEach(mount -> {
      if (secrets.contains(mount.path("name").stringValue())) {
        folders.add(mount.path("mountPath").stringValue());
        assertThat(mount.path("readOnly").booleanValue()).isTrue();
      }
    });

    assertThat(environment().values())
        .filteredOn(value -> value.startsWith("/etc/systole/"))
        .hasSize(7)
        .allSatisfy(
            file -> assertThat(folders).contains(Path.of(file).getParent().toString()));
  }
}
