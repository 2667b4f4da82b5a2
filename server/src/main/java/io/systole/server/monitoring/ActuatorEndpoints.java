// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.systole.server.monitoring.NodeHealth.Limitation;
import io.systole.server.monitoring.NodeHealth.LimitationKind;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * The endpoints of Spring Boot's actuator that tools of Spring Cloud Eureka servers use, in its
 * format: {@code GET /actuator}, {@code /actuator/health} with the groups {@code liveness} and
 * {@code readiness}, and {@code /actuator/info}.
 */
public final class ActuatorEndpoints {
  /** The media type of Spring Boot's actuator, version 3 of its API. */
  static final String MEDIA_TYPE = "application/vnd.spring-boot.actuator.v3+json";

  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String UP = "UP";
  private static final String OUT_OF_SERVICE = "OUT_OF_SERVICE";

  /** Not among the statuses that Spring Boot aggregates, so the node stays UP. */
  private static final String DEGRADED = "DEGRADED";

  private final NodeHealth health;
  private final String version;
  private final @Nullable String revision;
  private final String scheme;

  /**
   * @param revision the commit that the node was built from; null if unknown
   * @param isTls whether the address that serves the links uses TLS
   */
  public ActuatorEndpoints(
      NodeHealth health, String version, @Nullable String revision, boolean isTls) {
    this.health = health;
    this.version = version;
    this.revision = revision;
    this.scheme = isTls ? "https" : "http";
  }

  /** Returns the handler of the links to the other endpoints. */
  public RequestHandler links() {
    return this::linksFor;
  }

  private Response linksFor(Request request) {
    String host = request.header("host");
    String base = host == null || host.isEmpty() ? "" : scheme + "://" + host;
    ObjectNode document = MAPPER.createObjectNode();
    ObjectNode links = document.putObject("_links");
    link("self", base + "/actuator", links);
    link("health", base + "/actuator/health", links);
    link("health-path", base + "/actuator/health/{*path}", links);
    link("info", base + "/actuator/info", links);
    link("prometheus", base + "/actuator/prometheus", links);
    return json(200, document);
  }

  private static void link(String name, String address, ObjectNode links) {
    links.putObject(name).put("href", address).put("templated", address.contains("{"));
  }

  /** Returns the handler of the health with its components. */
  public RequestHandler health() {
    return request -> healthNow();
  }

  private Response healthNow() {
    List<Limitation> limitations = health.limitations();
    boolean isReady = NodeHealth.isReady(limitations);
    ObjectNode document = MAPPER.createObjectNode().put("status", isReady ? UP : OUT_OF_SERVICE);
    ObjectNode components = document.putObject("components");
    component("journal", LimitationKind.DISK_DEGRADED, limitations, components);
    components.putObject("livenessState").put("status", UP);
    component("peers", LimitationKind.BEHIND_PEERS, limitations, components);
    components.putObject("readinessState").put("status", isReady ? UP : OUT_OF_SERVICE);
    component("reads", LimitationKind.READS_WAIT, limitations, components);
    document.putArray("groups").add("liveness").add("readiness");
    return json(isReady ? 200 : 503, document);
  }

  private static void component(
      String name, LimitationKind kind, List<Limitation> limitations, ObjectNode components) {
    ObjectNode component = components.putObject(name).put("status", UP);
    for (Limitation limitation : limitations) {
      if (limitation.kind() == kind) {
        component.put("status", DEGRADED).putObject("details").put("reason", limitation.reason());
      }
    }
  }

  /** Returns the handler of {@code /actuator/health/liveness}. */
  public RequestHandler liveness() {
    Response live = status(200, UP);
    return request -> live;
  }

  /** Returns the handler of {@code /actuator/health/readiness}. */
  public RequestHandler readiness() {
    Response ready = status(200, UP);
    Response unready = status(503, OUT_OF_SERVICE);
    return request -> NodeHealth.isReady(health.limitations()) ? ready : unready;
  }

  private static Response status(int code, String status) {
    return json(code, MAPPER.createObjectNode().put("status", status));
  }

  /** Returns the handler of the description of the build and the JVM. */
  public RequestHandler info() {
    ObjectNode document = MAPPER.createObjectNode();
    document.putObject("build").put("name", "systole").put("version", version);
    if (revision != null) {
      document.putObject("git").putObject("commit").put("id", revision);
    }
    ObjectNode java =
        document.putObject("java").put("version", System.getProperty("java.version", ""));
    java.putObject("vendor").put("name", System.getProperty("java.vendor", ""));
    java.putObject("jvm")
        .put("name", System.getProperty("java.vm.name", ""))
        .put("version", System.getProperty("java.vm.version", ""));
    document
        .putObject("os")
        .put("name", System.getProperty("os.name", ""))
        .put("arch", System.getProperty("os.arch", ""));
    Response info = json(200, document);
    return request -> info;
  }

  private static Response json(int status, ObjectNode document) {
    return Response.of(status, MEDIA_TYPE, document.toString().getBytes(StandardCharsets.UTF_8));
  }
}
