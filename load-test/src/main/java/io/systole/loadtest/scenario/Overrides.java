// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lays one piece of a scenario over another; neither is changed. */
final class Overrides {
  /** The member that holds the scaled-down form. */
  static final String SHORT = "short";

  private Overrides() {}

  /** Returns a scenario without its short form, or with it laid over the rest. */
  static Node form(Node root, boolean isShort) {
    if (!(root instanceof Node.Mapping mapping)) {
      return root;
    }
    Map<String, Node> members = new LinkedHashMap<>(mapping.members());
    Node changes = members.remove(SHORT);
    Node whole = new Node.Mapping(mapping.where(), members);
    return isShort && changes != null ? lay(whole, changes) : whole;
  }

  /** Mappings are laid member by member; anything else is replaced. */
  private static Node lay(Node below, Node above) {
    if (!(below instanceof Node.Mapping old && above instanceof Node.Mapping changes)) {
      return above;
    }
    Map<String, Node> members = new LinkedHashMap<>(old.members());
    changes.members().forEach((name, change) -> {
      Node before = members.get(name);
      members.put(name, before == null ? change : lay(before, change));
    });
    return new Node.Mapping(old.where(), members);
  }

  /**
   * Sets one value.
   *
   * @param setting {@code path=value}; the path's parts are members or, in lists, indices from 0
   * @throws BadScenario when it is not such, or the path leads nowhere
   */
  static Node set(Node root, String setting) {
    int equals = setting.indexOf('=');
    if (equals < 1) {
      throw new BadScenario("--set " + setting + ": must be path=value");
    }
    String where = "--set " + setting;
    List<String> path = List.of(setting.substring(0, equals).split("\\.", -1));
    return set(root, path, new Node.Text(where, setting.substring(equals + 1)));
  }

  private static Node set(Node node, List<String> path, Node.Text value) {
    if (path.isEmpty()) {
      return value;
    }
    String name = path.get(0);
    List<String> rest = path.subList(1, path.size());
    if (node instanceof Node.Mapping mapping) {
      Map<String, Node> members = new LinkedHashMap<>(mapping.members());
      Node before = members.getOrDefault(name, new Node.Mapping(value.where(), Map.of()));
      members.put(name, set(before, rest, value));
      return new Node.Mapping(mapping.where(), members);
    }
    if (node instanceof Node.Items list) {
      List<Node> items = new ArrayList<>(list.items());
      int index = index(name, items.size(), value);
      items.set(index, set(items.get(index), rest, value));
      return new Node.Items(list.where(), items);
    }
    throw new BadScenario(value.where() + ": " + name + " is no member of " + node.kind());
  }

  private static int index(String name, int size, Node.Text value) {
    if (name.matches("\\d{1,4}") && Integer.parseInt(name) < size) {
      return Integer.parseInt(name);
    }
    throw new BadScenario(
        value.where() + ": " + name + " is no index of a list of " + size + "; they count from 0");
  }
}
