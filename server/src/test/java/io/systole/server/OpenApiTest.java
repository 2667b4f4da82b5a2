// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.PathSegments;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.ReplicationItem;
import io.systole.server.auth.Role;
import io.systole.server.config.ConfigParser;
import io.systole.server.route.Router;
import io.systole.server.time.ManualClock;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The OpenAPI document must be complete, consistent with the routes, and valid OpenAPI 3.1. */
class OpenApiTest {
  private static final JsonNode API =
      new YAMLMapper().readTree(Path.of("src/main/openapi/systole.yaml").toFile());

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");

  /** Operations whose POST has no body. */
  private static final Set<String> BODILESS = Set.of(
      "/systole/evict/{app}",
      "/systole/evict/{app}/{id}",
      "/systole/extend/{app}",
      "/systole/extend/{app}/{id}");

  private static final String SCHEMES = "securitySchemes";

  private static final String PREFIX = "/v2";

  private static final Pattern VARIABLE = Pattern.compile("\\{([^}]+)}");

  @Test
  void paths_areTheRoutesOfANode() throws IOException {
    Set<String> routed = new TreeSet<>();
    try (HeartbeatServer server = new HeartbeatServer(
        ConfigParser.read(Map.of("--simulation", "true"), Map.of()), new ManualClock())) {
      for (Router.RouteInfo listing : server.router().resources()) {
        listing
            .methods()
            .forEach(method -> routed.add(method + " " + withoutVariableNames(listing.template())));
      }
    }

    assertThat(documented()).hasSizeGreaterThan(40).containsExactlyInAnyOrderElementsOf(routed);
  }

  @Test
  void document_hasTitleAndVersion() {
    assertThat(API.path("openapi").asString()).matches("3\\.1\\.\\d+");
    assertThat(API.path("info").path("title").asString()).isNotEmpty();
    assertThat(API.path("info").path("version").asString()).isNotEmpty();
    assertThat(API.path("info").path("license").has("identifier")).isTrue();
    assertThat(names(API))
        .isSubsetOf("openapi", "info", "servers", "security", "tags", "paths", "components");
  }

  @Test
  void servers_haveAValueForEachVariable() {
    List<JsonNode> servers = new ArrayList<>(API.path("servers").values());
    API.path("paths")
        .values()
        .forEach(path -> servers.addAll(path.path("servers").values()));

    for (JsonNode server : servers) {
      String url = server.path("url").asString();
      assertThat(variables(url)).isEqualTo(names(server.path("variables")));
      server.path("variables").forEachEntry((name, variable) -> {
        String fallback = variable.path("default").asString();
        assertThat(fallback).as("%s of %s", name, url).isNotEmpty();
        if (variable.has("enum")) {
          assertThat(texts(variable.path("enum"))).contains(fallback);
        }
      });
    }
  }

  @Test
  void operations_areComplete() {
    Set<String> ids = new LinkedHashSet<>();
    Set<String> tags = API.path("tags").values().stream()
        .map(tag -> tag.path("name").asString())
        .collect(Collectors.toSet());
    API.path("paths").forEachEntry((path, item) -> {
      assertThat(path).startsWith("/");
      operations(item).forEach((method, operation) -> {
        String where = method + " " + path;
        assertThat(ids.add(operation.path("operationId").asString())).as(where).isTrue();
        assertThat(operation.path("summary").asString()).as(where).isNotEmpty();
        assertThat(tags).as(where).containsAll(texts(operation.path("tags")));
        checkParameters(where, path, item, operation);
        checkResponses(where, operation.path("responses"));
        assertThat(operation.has("requestBody"))
            .as(where)
            .isEqualTo(method.equals("post") && !BODILESS.contains(path));
      });
    });
  }

  @Test
  void references_areResolvable() {
    List<String> references = new ArrayList<>();
    collectReferences(API, references);

    assertThat(references).hasSizeGreaterThan(50);
    for (String reference : references) {
      assertThat(reference).startsWith("#/components/");
      assertThat(API.at(reference.substring(1)).isMissingNode()).as(reference).isFalse();
    }
  }

  @Test
  void components_areAllUsed() {
    List<String> references = new ArrayList<>();
    collectReferences(API, references);

    API.path("components").forEachEntry((kind, components) -> {
      if (!kind.equals(SCHEMES)) {
        names(components)
            .forEach(name -> assertThat(references).contains("#/components/" + kind + "/" + name));
      }
    });
  }

  /** Each operation names the role of its route, in whatever way a sender identifies itself. */
  @Test
  void security_rolesOfOperations_areThoseOfTheRoutes() throws Exception {
    Set<String> schemes = names(API.at("/components/" + SCHEMES));
    try (HeartbeatServer server = new HeartbeatServer(
        ConfigParser.read(Map.of("--simulation", "true"), Map.of()), new ManualClock())) {
      API.path("paths").forEachEntry((path, item) -> {
        String base = item.has("servers") ? "" : PREFIX;
        operations(item).forEach((method, operation) -> {
          Role role = roleOf(server.router(), method, base + path);
          JsonNode security = operation.has("security") ? operation : API;

          assertThat(rolesByScheme(security.path("security")))
              .as(method + " " + path)
              .isEqualTo(role == null ? Map.of() : expected(schemes, role));
        });
      });
    }
  }

  /** Without credentials in the node no scheme is required; with them each is sufficient. */
  private static Map<String, String> expected(Set<String> schemes, Role role) {
    Map<String, String> expected = new HashMap<>(Map.of("", ""));
    schemes.forEach(scheme -> expected.put(scheme, role.name().toLowerCase(Locale.ROOT)));
    return expected;
  }

  private static Map<String, String> rolesByScheme(JsonNode security) {
    Map<String, String> roles = new HashMap<>();
    for (JsonNode alternative : security.values()) {
      if (alternative.isEmpty()) {
        roles.put("", "");
      }
      alternative.forEachEntry((scheme, role) -> roles.put(scheme, String.join(",", texts(role))));
    }
    return roles;
  }

  private static @Nullable Role roleOf(Router router, String method, String path) {
    byte[] bytes = VARIABLE.matcher(path).replaceAll("x").getBytes(StandardCharsets.US_ASCII);
    try {
      return router
          .match(
              HttpMethod.valueOf(method.toUpperCase(Locale.ROOT)),
              PathSegments.of(bytes, 0, bytes.length))
          .role();
    } catch (HttpParseException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  @Test
  void instanceSchema_hasTheEncodedMembersInOrder() {
    InstanceInfo whole = InstanceInfo.builder()
        .instanceId("i")
        .hostName("h")
        .app("A")
        .ipAddr("1")
        .sid("s")
        .dataCenterInfo(new DataCenterInfo("Amazon", Map.of("a", "b")))
        .metadata(Map.of("k", "v"))
        .appGroupName("G")
        .homePageUrl("u")
        .statusPageUrl("u")
        .healthCheckUrl("u")
        .secureHealthCheckUrl("u")
        .vipAddress("v")
        .secureVipAddress("v")
        .actionType(ActionType.ADDED)
        .asgName("g")
        .build();
    JsonNode sent = new JsonMapper()
        .readTree(new JsonCodec().encodeInstance(whole, Form.FULL))
        .path("instance");

    assertThat(names(sent)).containsExactlyElementsOf(members("Instance"));
    assertThat(names(sent.path("leaseInfo"))).containsExactlyElementsOf(members("Lease"));
    assertThat(names(sent.path("port"))).containsExactlyElementsOf(members("Port"));
    assertThat(names(sent.path("dataCenterInfo"))).containsExactlyElementsOf(members("DataCenter"));
  }

  @Test
  void batchSchema_listsTheKnownActions() {
    JsonNode action = API.at("/components/schemas/BatchItem/properties/action");

    assertThat(texts(action.path("enum")))
        .containsExactlyInAnyOrderElementsOf(Arrays.stream(ReplicationItem.Action.values())
            .map(ReplicationItem.Action::wireName)
            .toList());
  }

  private static void checkParameters(
      String where, String path, JsonNode item, JsonNode operation) {
    List<JsonNode> parameters = new ArrayList<>(item.path("parameters").values());
    parameters.addAll(operation.path("parameters").values());
    Set<String> inPath = new LinkedHashSet<>();
    for (JsonNode reference : parameters) {
      JsonNode parameter = resolved(reference);
      assertThat(parameter.path("in").asString()).as(where).isIn("path", "query", "header");
      assertThat(parameter.has("schema")).as(where).isTrue();
      if (parameter.path("in").asString().equals("path")) {
        assertThat(parameter.path("required").asBoolean()).as(where).isTrue();
        inPath.add(parameter.path("name").asString());
      }
    }
    assertThat(inPath).as(where).isEqualTo(variables(path));
  }

  private static void checkResponses(String where, JsonNode responses) {
    assertThat(names(responses))
        .as(where)
        .isNotEmpty()
        .allMatch(code -> code.matches("[1-5]\\d\\d"));
    for (JsonNode reference : responses.values()) {
      JsonNode response = resolved(reference);
      assertThat(response.path("description").asString()).as(where).isNotEmpty();
      response.path("content").forEachEntry((type, content) -> {
        assertThat(type).as(where).matches("[a-z]+/[a-z0-9.+-]+");
        assertThat(content.has("schema")).as(where).isTrue();
      });
    }
  }

  /** Method and path of every operation under every server that serves it. */
  private static Set<String> documented() {
    Set<String> documented = new TreeSet<>();
    API.path("paths").forEachEntry((path, item) -> {
      JsonNode servers = item.has("servers") ? item.path("servers") : API.path("servers");
      for (JsonNode server : servers.values()) {
        JsonNode prefixes = server.path("variables").path("prefix").path("enum");
        List<String> bases = prefixes.isMissingNode() ? List.of("") : texts(prefixes);
        for (String base : bases) {
          operations(item)
              .keySet()
              .forEach(method -> documented.add(
                  method.toUpperCase(Locale.ROOT) + " " + withoutVariableNames(base + path)));
        }
      }
    });
    return documented;
  }

  private static Map<String, JsonNode> operations(JsonNode item) {
    Map<String, JsonNode> operations = new LinkedHashMap<>();
    item.forEachEntry((name, operation) -> {
      if (METHODS.contains(name)) {
        operations.put(name, operation);
      }
    });
    return operations;
  }

  private static JsonNode resolved(JsonNode node) {
    return node.has("$ref") ? API.at(node.path("$ref").asString().substring(1)) : node;
  }

  private static void collectReferences(JsonNode node, List<String> references) {
    if (node.has("$ref")) {
      references.add(node.path("$ref").asString());
    }
    node.values().forEach(child -> collectReferences(child, references));
  }

  private static Set<String> members(String schema) {
    return names(API.at("/components/schemas/" + schema + "/properties"));
  }

  private static Set<String> names(JsonNode node) {
    return new LinkedHashSet<>(node.propertyNames());
  }

  private static List<String> texts(JsonNode array) {
    return array.values().stream().map(JsonNode::asString).toList();
  }

  private static Set<String> variables(String template) {
    Set<String> variables = new LinkedHashSet<>();
    Matcher matcher = VARIABLE.matcher(template);
    while (matcher.find()) {
      variables.add(matcher.group(1));
    }
    return variables;
  }

  private static String withoutVariableNames(String template) {
    return VARIABLE.matcher(template).replaceAll("{}");
  }
}
