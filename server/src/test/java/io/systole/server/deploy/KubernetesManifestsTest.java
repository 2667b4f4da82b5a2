// SPDX-License-Identifier: Apache-2.0
package io.systole.server.deploy;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import io.systole.server.config.ConfigParser;
import io.systole.server.config.ServerConfig;
import io.systole.server.tls.TlsSettings.ClientCertificate;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The manifests under {@code deploy/kubernetes}, without a cluster. */
class KubernetesManifestsTest {
  private static final Path BASE = Path.of("deploy/kubernetes/base");
  private static final String KUSTOMIZATION = "kustomization.yaml";
  private static final String LABEL = "app.kubernetes.io/name";
  private static final long SECOND_MS = 1_000;

  private static final List<String> PROBES =
      List.of("startupProbe", "readinessProbe", "livenessProbe");

  static List<Path> resources() throws IOException {
    try (Stream<Path> files = Files.list(BASE)) {
      return files
          .filter(file -> !file.getFileName().toString().equals(KUSTOMIZATION))
          .sorted()
          .toList();
    }
  }

  static JsonNode read(Path file) {
    return new YAMLMapper().readTree(file.toFile());
  }

  private static JsonNode read(String file) {
    return read(BASE.resolve(file));
  }

  /** Throws if a resource has members that its kind lacks, or lacks those that it requires. */
  static void validate(JsonNode resource) throws Throwable {
    Class<?> model = Class.forName(
        "io.kubernetes.client.openapi.models.V1" + resource.path("kind").stringValue());
    try {
      model
          .getMethod("validateJsonElement", JsonElement.class)
          .invoke(null, JsonParser.parseString(resource.toString()));
    } catch (InvocationTargetException failure) {
      throw failure.getCause();
    }
  }

  @ParameterizedTest
  @MethodSource("resources")
  void resource_members_areThoseOfItsKind(Path file) throws Throwable {
    JsonNode resource = read(file);

    validate(resource);

    assertThat(resource.path("apiVersion").stringValue())
        .isIn("v1", "apps/v1", "policy/v1", "networking.k8s.io/v1");
    assertThat(resource.at("/metadata/name").stringValue()).startsWith("systole");
  }

  @Test
  void resource_misspeltMember_isRecognized() {
    JsonNode pod = new YAMLMapper()
        .readTree("kind: StatefulSet\nspec:\n  template:\n    spec:\n      contaners: []\n");

    assertThatThrownBy(() -> validate(pod)).hasMessageContaining("contaners");
  }

  @Test
  void kustomization_resources_areTheFilesBesideIt() throws IOException {
    Set<String> listed = new TreeSet<>();
    read(KUSTOMIZATION).path("resources").forEach(name -> listed.add(name.stringValue()));

    assertThat(resources()).map(file -> file.getFileName().toString()).hasSameElementsAs(listed);
  }

  /** Regression: {@code kubectl delete -k} deleted the namespace, with the volumes in it. */
  @Test
  void resources_kinds_includeNoNamespace() throws IOException {
    assertThat(resources())
        .map(file -> read(file).path("kind").stringValue())
        .doesNotContain("Namespace");
  }

  @Test
  void selectors_ofAllResources_matchThePods() {
    JsonNode pods = read("statefulset.yaml").at("/spec/template/metadata/labels");

    assertThat(pods.path(LABEL).stringValue()).isEqualTo("systole");
    assertThat(List.of(
            read("service.yaml").at("/spec/selector"),
            read("service-nodes.yaml").at("/spec/selector"),
            read("statefulset.yaml").at("/spec/selector/matchLabels"),
            read("poddisruptionbudget.yaml").at("/spec/selector/matchLabels"),
            read("networkpolicy.yaml").at("/spec/podSelector/matchLabels")))
        .containsOnly(pods);
  }

  @Test
  void services_ports_areThoseOfTheContainer() {
    assertThat(port(read("service.yaml"))).isEqualTo("http:8761 to http");
    assertThat(port(read("service-nodes.yaml"))).isEqualTo("http:8761 to http");
    assertThat(read("statefulset.yaml").at("/spec/serviceName").stringValue())
        .isEqualTo(read("service-nodes.yaml").at("/metadata/name").stringValue());
    assertThat(container().path("ports").toString())
        .isEqualTo("[{\"name\":\"http\",\"containerPort\":8761},"
            + "{\"name\":\"management\",\"containerPort\":8762}]");
  }

  private static String port(JsonNode service) {
    JsonNode port = service.at("/spec/ports/0");
    return "%s:%d to %s"
        .formatted(
            port.path("name").stringValue(),
            port.path("port").intValue(),
            port.path("targetPort").stringValue());
  }

  private static JsonNode container() {
    return read("statefulset.yaml").at("/spec/template/spec/containers/0");
  }

  private static ServerConfig settings() {
    return ConfigParser.read(Map.of(), environment(container()));
  }

  private static Map<String, String> environment(JsonNode container) {
    Map<String, String> environment = new HashMap<>();
    container
        .path("env")
        .forEach(entry -> environment.put(
            entry.path("name").stringValue(), entry.path("value").stringValue()));
    return environment;
  }

  /** The probes have neither a certificate nor credentials, and need none. */
  @Test
  void tls_probes_reachAManagementPortThatRequestsNoCertificate() {
    JsonNode patched =
        read(Path.of("deploy/kubernetes/tls/statefulset.yaml")).at("/spec/template/spec");
    JsonNode container = patched.at("/containers/0");
    Map<String, String> environment = environment(container());
    environment.putAll(environment(container));

    ServerConfig config = ConfigParser.read(Map.of(), environment);

    assertThat(requireNonNull(config.security().managementTls()).clientCertificate())
        .isEqualTo(ClientCertificate.NONE);
    assertThat(requireNonNull(config.security().tls()).clientCertificate())
        .isEqualTo(ClientCertificate.OPTIONAL);
    assertThat(config.peers().urls()).hasToString("[https://systole-nodes:8761/eureka]");
    assertThat(PROBES)
        .allSatisfy(probe -> assertThat(container.path(probe).path("httpGet").toString())
            .isEqualTo("{\"scheme\":\"HTTPS\"}"));
    assertThat(patched.path("volumes")).hasSize(container.path("volumeMounts").size());
  }

  /** The files that options name are in the secrets that are mounted. */
  @Test
  void tls_files_areBelowAMountedSecret() {
    JsonNode container = read(Path.of("deploy/kubernetes/tls/statefulset.yaml"))
        .at("/spec/template/spec/containers/0");
    Set<String> mounted = new TreeSet<>();
    container
        .path("volumeMounts")
        .forEach(mount -> mounted.add(mount.path("mountPath").stringValue()));

    assertThat(environment(container).values())
        .filteredOn(value -> value.startsWith("/"))
        .hasSize(7)
        .allSatisfy(file -> assertThat(Path.of(file).getParent()).asString().isIn(mounted));
  }

  /** The settings must be valid, and leave the node the time to stop. */
  @Test
  void statefulSet_settings_areValidAndFitItsTimes() {
    ServerConfig config = settings();
    JsonNode pod = read("statefulset.yaml").at("/spec/template/spec");

    assertThat(config.net().port()).isEqualTo(8761);
    assertThat(config.net().management()).isNotNull();
    assertThat(pod.path("terminationGracePeriodSeconds").longValue() * SECOND_MS)
        .isGreaterThan(config.lameDuckMs() + config.drainTimeoutMs());
    JsonNode liveness = container().path("livenessProbe");
    assertThat(liveness.path("periodSeconds").longValue()
            * liveness.path("failureThreshold").longValue()
            * SECOND_MS)
        .as("a node must not be killed while it stops, even if a probe fails meanwhile")
        .isGreaterThan(config.lameDuckMs() + config.drainTimeoutMs());
    assertThat(PROBES).hasSize(3).allSatisfy(probe -> {
      // A node that stops must not be killed for it, so only readiness depends on that.
      String path = probe.equals("readinessProbe") ? "/health/ready" : "/health/live";
      assertThat(container().path(probe).path("httpGet").toString())
          .isEqualTo("{\"path\":\"" + path + "\",\"port\":\"management\"}");
    });
  }

  /** Kubernetes sets SYSTOLE_PORT to a URL for a service of that name, unless it is told not to. */
  @Test
  void statefulSet_serviceLinks_areOff() {
    JsonNode links = read("statefulset.yaml").at("/spec/template/spec/enableServiceLinks");

    assertThat(links.isBoolean()).isTrue();
    assertThat(links.booleanValue()).isFalse();
  }

  /** What the restricted pod security standard requires. */
  @Test
  void statefulSet_securityContext_meetsRestrictedStandard() {
    JsonNode pod = read("statefulset.yaml").at("/spec/template/spec/securityContext");
    JsonNode own = container().path("securityContext");

    assertThat(pod.path("runAsNonRoot").booleanValue()).isTrue();
    assertThat(pod.at("/seccompProfile/type").stringValue()).isEqualTo("RuntimeDefault");
    assertThat(own.path("allowPrivilegeEscalation").booleanValue()).isFalse();
    assertThat(own.path("readOnlyRootFilesystem").booleanValue()).isTrue();
    assertThat(own.at("/capabilities/drop/0").stringValue()).isEqualTo("ALL");
  }
}
