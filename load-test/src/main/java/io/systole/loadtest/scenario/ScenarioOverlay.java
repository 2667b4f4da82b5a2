// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Operations that overlay parts of a scenario; inputs are not modified. */
final class ScenarioOverlay {
  /** The member with the short form. */
  static final String SHORT = "short";

  private ScenarioOverlay() {}

  /** Returns a scenario without its short form, or with it merged into the rest. */
  static YamlNode select(YamlNode root, boolean isShort) {
    if (!(root instanceof YamlNode.Mapping mapping)) {
      return root;
    }
    Map<String, YamlNode> members = new LinkedHashMap<>(mapping.members());
    YamlNode changes = members.remove(SHORT);
    YamlNode base = new YamlNode.Mapping(mapping.location(), members);
    return isShort && changes != null ? merge(base, changes) : base;
  }

  /** Merges mappings recursively; replaces anything else. */
  private static YamlNode merge(YamlNode base, YamlNode overlay) {
    if (!(base instanceof YamlNode.Mapping old && overlay instanceof YamlNode.Mapping changes)) {
      return overlay;
    }
    Map<String, YamlNode> members = new LinkedHashMap<>(old.members());
    changes.members().forEach((name, change) -> {
      YamlNode current = members.get(name);
      members.put(name, current == null ? change : merge(current, change));
    });
    return new YamlNode.Mapping(old.location(), members);
  }

  /**
   * Sets one value.
   *
   * @param setting {@code path=value}; path elements are members or, in lists, indices from 0
   * @throws ScenarioParseException if the setting is malformed or the path does not exist
   */
  static YamlNode set(YamlNode root, String setting) {
    int equals = setting.indexOf('=');
    if (equals < 1) {
      throw new ScenarioParseException("--set " + setting + ": must be path=value");
    }
    String location = "--set " + setting;
    List<String> path = List.of(setting.substring(0, equals).split("\\.", -1));
    return set(root, path, new YamlNode.Text(location, setting.substring(equals + 1)));
  }

  private static YamlNode set(YamlNode node, List<String> path, YamlNode.Text value) {
    if (path.isEmpty()) {
      return value;
    }
    String name = path.get(0);
    List<String> rest = path.subList(1, path.size());
    if (node instanceof YamlNode.Mapping mapping) {
      Map<String, YamlNode> members = new LinkedHashMap<>(mapping.members());
      YamlNode old = members.getOrDefault(name, new YamlNode.Mapping(value.location(), Map.of()));
      members.put(name, set(old, rest, value));
      return new YamlNode.Mapping(mapping.location(), members);
    }
    if (node instanceof YamlNode.Items list) {
      List<YamlNode> items = new ArrayList<>(list.items());
      int index = index(name, items.size(), value);
      items.set(index, set(items.get(index), rest, value));
      return new YamlNode.Items(list.location(), items);
    }
    throw new ScenarioParseException(
        value.location() + ": " + name + " is not a member of " + node.description());
  }

  private static int index(String name, int size, YamlNode.Text value) {
    if (name.matches("\\d{1,4}") && Integer.parseInt(name) < size) {
      return Integer.parseInt(name);
    }
    throw new ScenarioParseException(value.location() + ": " + name
        + " is not an index of a list of " + size + "; indices start at 0");
  }
}
