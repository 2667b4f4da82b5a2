// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.List;
import java.util.Map;

/** A piece of a scenario's text, and where it stood. */
sealed interface YamlNode {
  /** Returns where it stood, for messages: a file and line, or the option of the command line. */
  String where();

  /** Returns what it is, for messages. */
  String kind();

  /** A scalar, as written; nothing is guessed about its type. */
  record Text(String where, String value) implements YamlNode {
    @Override
    public String kind() {
      return "\"" + value + "\"";
    }
  }

  /** A mapping, in the order in which it was written. */
  record Mapping(String where, Map<String, YamlNode> members) implements YamlNode {
    @Override
    public String kind() {
      return "a mapping";
    }
  }

  /** A list. */
  record Items(String where, List<YamlNode> items) implements YamlNode {
    @Override
    public String kind() {
      return "a list";
    }
  }
}
