// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.EscapedText;
import io.systole.server.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Answers in JSON, indented: they are read by people first. */
final class JsonResponses {
  private static final JsonMapper MAPPER = new JsonMapper();

  private JsonResponses() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /**
   * Reads a body.
   *
   * @throws tools.jackson.core.JacksonException when it isn't JSON
   */
  static JsonNode read(byte[] bytes) {
    return MAPPER.readTree(bytes);
  }

  static Response ok(ObjectNode document) {
    return Response.of(200, Response.JSON, bytes(document));
  }

  /** Says no, and why. */
  static Response refusal(int status, String reason) {
    return Response.of(status, Response.JSON, bytes(object().put("reason", reason)));
  }

  /** Names come from clients and the document goes to a terminal: it must have no effect there. */
  private static byte[] bytes(ObjectNode document) {
    return document
        .toPrettyString()
        .lines()
        .map(EscapedText::json)
        .collect(Collectors.joining("\n", "", "\n"))
        .getBytes(StandardCharsets.UTF_8);
  }

  /** Adds a moment in both ways of writing it. */
  static void putTimestamp(ObjectNode node, String name, long epochMs) {
    node.put(name, HumanText.timestamp(epochMs)).put(name + "Ms", epochMs);
  }
}
