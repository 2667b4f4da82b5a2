// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays one piece of a scenario over another; neither is changed. */
final class ScenarioOverlay {
  /** The member that holds the scaled-down form. */
  static final String SHORT = "short";

  private ScenarioOverlay() {}

  /** Returns a scenario without its short form, or with it laid over the rest. */
  static YamlNode form(YamlNode root, boolean isShort) {
    if (!(root instanceof YamlNode.Mapping mapping)) {
      return root;
    }
    Map<String, YamlNode> members = new LinkedHashMap<>(mapping.members());
    YamlNode changes = members.remove(SHORT);
    YamlNode whole = new YamlNode.Mapping(mapping.where(), members);
    return isShort && changes != null ? lay(whole, changes) : whole;
  }

  /** Mappings are laid member by member; anything else is replaced. */
  private static YamlNode lay(YamlNode below, YamlNode above) {
    if (!(below instanceof YamlNode.Mapping old && above instanceof YamlNode.Mapping changes)) {
      return above;
    }
    Map<String, YamlNode> members = new LinkedHashMap<>(old.members());
    changes.members().forEach((name, change) -> {
      YamlNode before = members.get(name);
      members.put(name, before == null ? change : lay(before, change));
    });
    return new YamlNode.Mapping(old.where(), members);
  }

  /**
   * Sets one value.
   *
   * @param setting {@code path=value}; the path's parts are members or, in lists, indices from 0
   * @throws ScenarioParseException when it is not such, or the path leads nowhere
   */
  static YamlNode set(YamlNode root, String setting) {
    int equals = setting.indexOf('=');
    if (equals < 1) {
      throw new ScenarioParseException("--set " + setting + ": must be path=value");
    }
    String where = "--set " + setting;
    List<String> path = List.of(setting.substring(0, equals).split("\\.", -1));
    return set(root, path, new YamlNode.Text(where, setting.substring(equals + 1)));
  }

  private static YamlNode set(YamlNode node, List<String> path, YamlNode.Text value) {
    if (path.isEmpty()) {
      return value;
    }
    String name = path.get(0);
    List<String> rest = path.subList(1, path.size());
    if (node instanceof YamlNode.Mapping mapping) {
      Map<String, YamlNode> members = new LinkedHashMap<>(mapping.members());
      YamlNode before = members.getOrDefault(name, new YamlNode.Mapping(value.where(), Map.of()));
      members.put(name, set(before, rest, value));
      return new YamlNode.Mapping(mapping.where(), members);
    }
    if (node instanceof YamlNode.Items list) {
      List<YamlNode> items = new ArrayList<>(list.items());
      int index = index(name, items.size(), value);
      items.set(index, set(items.get(index), rest, value));
      return new YamlNode.Items(list.where(), items);
    }
    throw new ScenarioParseException(
        value.where() + ": " + name + " is no member of " + node.kind());
  }

  private static int index(String name, int size, YamlNode.Text value) {
    if (name.matches("\\d{1,4}") && Integer.parseInt(name) < size) {
      return Integer.parseInt(name);
    }
    throw new ScenarioParseException(
        value.where() + ": " + name + " is no index of a list of " + size + "; they count from 0");
  }
}
