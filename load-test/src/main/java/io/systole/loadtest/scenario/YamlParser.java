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

/** A parser of a YAML document into nodes with locations. Not thread-safe, single use. */
final class YamlParser {
  private static final int DEPTH_MAX = 16;

  private final String file;
  private final JsonParser parser;
  private int depth;

  private YamlParser(String file, JsonParser parser) {
    this.file = file;
    this.parser = parser;
  }

  /**
   * Parses a document.
   *
   * @param file name for messages
   * @throws ScenarioParseException if it is not YAML, or has aliases, duplicate members or a second
   *     document
   */
  static YamlNode read(String file, String text) {
    try (JsonParser parser =
        YAMLFactory.builder().build().createParser(ObjectReadContext.empty(), text)) {
      return new YamlParser(file, parser).document();
    } catch (JacksonException e) {
      int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
      throw new ScenarioParseException(file + ":" + line + ": not YAML: "
          + String.valueOf(e.getOriginalMessage()).replaceAll("\\s+", " "));
    }
  }

  private YamlNode document() {
    JsonToken first = parser.nextToken();
    if (first == null) {
      throw new ScenarioParseException(file + ": is empty");
    }
    YamlNode root = node(first);
    if (parser.nextToken() != null) {
      throw error("a second document starts here; a file contains one scenario");
    }
    return root;
  }

  private YamlNode node(JsonToken token) {
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      throw error("aliases are not supported");
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
        new YamlNode.Text(location(), token == JsonToken.VALUE_NULL ? "" : parser.getString());
      default -> throw error("unexpected " + token);
    };
  }

  private interface NodeReader {
    YamlNode read();
  }

  private YamlNode nested(NodeReader reader) {
    if (++depth > DEPTH_MAX) {
      throw error("nested deeper than " + DEPTH_MAX);
    }
    YamlNode node = reader.read();
    depth--;
    return node;
  }

  private YamlNode mapping() {
    String location = location();
    Map<String, YamlNode> members = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      if (members.containsKey(name)) {
        throw error(name + " is a duplicate member");
      }
      members.put(name, node(parser.nextToken()));
    }
    return new YamlNode.Mapping(location, members);
  }

  private YamlNode items() {
    String location = location();
    List<YamlNode> items = new ArrayList<>();
    JsonToken token;
    while ((token = parser.nextToken()) != JsonToken.END_ARRAY) {
      items.add(node(token));
    }
    return new YamlNode.Items(location, items);
  }

  private String location() {
    return file + ":" + parser.currentTokenLocation().getLineNr();
  }

  private ScenarioParseException error(String what) {
    return new ScenarioParseException(location() + ": " + what);
  }
}
