// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.List;
import java.util.Map;

/** A node of a YAML document with its location. */
sealed interface YamlNode {
  /** Returns the location for messages: file and line, or the command-line option. */
  String location();

  /** Returns a description for messages. */
  String description();

  /** A scalar as written; its type is not guessed. */
  record Text(String location, String value) implements YamlNode {
    @Override
    public String description() {
      return "\"" + value + "\"";
    }
  }

  /** A mapping in written order. */
  record Mapping(String location, Map<String, YamlNode> members) implements YamlNode {
    @Override
    public String description() {
      return "a mapping";
    }
  }

  /** A list. */
  record Items(String location, List<YamlNode> items) implements YamlNode {
    @Override
    public String description() {
      return "a list";
    }
  }
}
