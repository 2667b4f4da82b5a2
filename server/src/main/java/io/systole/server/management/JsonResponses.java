// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.EscapedText;
import io.systole.server.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON responses, indented for readability. */
final class JsonResponses {
  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonResponses() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /**
   * Parses a body.
   *
   * @throws tools.jackson.core.JacksonException if it is not JSON
   */
  static JsonNode read(byte[] bytes) {
    return MAPPER.readTree(bytes);
  }

  static Response ok(ObjectNode document) {
    return Response.of(200, Response.JSON, bytes(document));
  }

  /** Returns an error response with a reason. */
  static Response refusal(int status, String reason) {
    return Response.of(status, Response.JSON, bytes(object().put("reason", reason)));
  }

  /** Names come from clients and are displayed by terminals, so control characters are escaped. */
  private static byte[] bytes(ObjectNode document) {
    return document
        .toPrettyString()
        .lines()
        .map(EscapedText::json)
        .collect(Collectors.joining("\n", "", "\n"))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Adds a time as ISO 8601 text, and as epoch ms under the name with the suffix {@code Ms}. */
  static void putTimestamp(ObjectNode node, String name, long epochMs) {
    node.put(name, HumanText.timestamp(epochMs)).put(name + "Ms", epochMs);
  }
}
