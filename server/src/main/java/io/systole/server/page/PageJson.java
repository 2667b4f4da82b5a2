// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.protocol.model.EscapedText;
import java.io.ByteArrayOutputStream;
import java.util.Collection;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Compact JSON on one line, with the characters escaped that would confuse a terminal. */
final class PageJson {
  private static final JsonMapper MAPPER = new JsonMapper();

  private PageJson() {}

  static ObjectNode object() {
    return MAPPER.createObjectNode();
  }

  /** Returns the name in lower case. */
  static String nameOf(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static byte[] text(JsonNode document) {
    return EscapedText.json(document.toString()).getBytes(UTF_8);
  }

  /** Returns a server-sent event (WHATWG HTML §9.2) with a document as its data. */
  static byte[] event(String name, ObjectNode data) {
    ByteArrayOutputStream event = new ByteArrayOutputStream();
    append(event, "event: " + name + "\ndata: ");
    event.writeBytes(text(data));
    append(event, "\n\n");
    return event.toByteArray();
  }

  /**
   * Returns the document of the whole state.
   *
   * @param rows of the applications, encoded
   */
  static byte[] overview(
      ObjectNode node, ObjectNode tick, Collection<byte[]> rows, JsonNode recent) {
    ByteArrayOutputStream document = new ByteArrayOutputStream();
    append(document, "{\"node\":");
    document.writeBytes(text(node));
    append(document, ",\"tick\":");
    document.writeBytes(text(tick));
    append(document, ",\"applications\":[");
    String separator = "";
    for (byte[] row : rows) {
      append(document, separator);
      document.writeBytes(row);
      separator = ",";
    }
    append(document, "],\"recent\":");
    document.writeBytes(text(recent));
    append(document, "}\n");
    return document.toByteArray();
  }

  private static void append(ByteArrayOutputStream to, String text) {
    to.writeBytes(text.getBytes(UTF_8));
  }
}
