// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/** Reads one YAML document into nodes that know their lines. For one thread, once. */
final class YamlText {
  private static final int DEPTH_MAX = 16;

  private final String file;
  private final JsonParser parser;
  private int depth;

  private YamlText(String file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * Reads a document.
   *
   * @param file its name, for messages
   * @throws BadScenario when it is not YAML, or YAML with aliases, repeated members or a second
   *     document
   */
  static Node read(String file, String text) {
    try (JsonParser parser =
        YAMLFactory.builder().build().createParser(ObjectReadContext.empty(), text)) {
      return new YamlText(file, parser).document();
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new BadScenario(file + ":" + line + ": not YAML: "
          + String.valueOf(e.getOriginalMessage()).replaceAll("\\s+", " "));
    }
  }

  private Node document() {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw new BadScenario(file + ": is empty");
    }
    Node root = node(first);
    if (parser.nextToken() != null) {
      throw bad("a second document begins here; a file holds one scenario");
    }
    return root;
  }

  private Node node(JsonToken token) {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      throw bad("aliases are not understood");
    }
    return switch (token) {
      case START_OBJECT -> nested(this::mapping);
      case START_ARRAY -> nested(this::items);
      case VALUE_STRING,
          VALUE_NUMBER_INT,
          VALUE_NUMBER_FLOAT,
          VALUE_TRUE,
          VALUE_FALSE,
          VALUE_NULL ->
        new Node.Text(where(), token == JsonToken.VALUE_NULL ? "" : parser.getString());
      default -> throw bad("cannot read " + token);
    };
  }

  private interface Reading {
    Node read();
  }

  private Node nested(Reading reading) {
    if (++depth > DEPTH_MAX) {
      throw bad("nested deeper than " + DEPTH_MAX);
    }
    Node node = reading.read();
    depth--;
    return node;
  }

  private Node mapping() {
    String where = where();
    Map<String, Node> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      if (members.containsKey(name)) {
        throw bad(name + " stands twice in one mapping");
      }
      members.put(name, node(parser.nextToken()));
    }
    return new Node.Mapping(where, members);
  }

  private Node items() {
    String where = where();
    List<Node> items = new ArrayList<>();
    JsonToken token;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      items.add(node(token));
    }
    return new Node.Items(where, items);
  }

  private String where() {
    return file + ":" + parser.currentTokenLocation().getLineNr();
  }

  private BadScenario bad(String what) {
    return new BadScenario(where() + ": " + what);
  }
}
