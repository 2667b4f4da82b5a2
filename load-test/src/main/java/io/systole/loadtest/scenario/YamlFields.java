// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads one mapping strictly: each member by its name, type and range, and none besides. For one
 * thread.
 */
final class YamlFields {
  private final YamlNode.Mapping mapping;
  private final String path;
  private final List<String> known = new ArrayList<>();

  private YamlFields(YamlNode.Mapping mapping, String path) {
    this.mapping = mapping;
    this.path = path;
  }

  /**
   * Begins to read a mapping.
   *
   * @param path of the mapping within its scenario, for messages; empty for the scenario
   */
  static YamlFields of(YamlNode node, String path) {
    if (node instanceof YamlNode.Mapping mapping) {
      return new YamlFields(mapping, path);
    }
    // "wake:" alone is the empty mapping.
    if (node instanceof YamlNode.Text text && text.value().isEmpty()) {
      return new YamlFields(new YamlNode.Mapping(text.where(), Map.of()), path);
    }
    throw bad(node, path.isEmpty() ? "a scenario" : path, "must be a mapping, got " + node.kind());
  }

  boolean has(String name) {
    return find(name) != null;
  }

  String text(String name) {
    return scalar(name, require(name));
  }

  String text(String name, String missing) {
    YamlNode node = find(name);
    return node == null ? missing : scalar(name, node);
  }

  int count(String name, int min, int max) {
    return count(name, require(name), min, max);
  }

  int count(String name, int missing, int min, int max) {
    YamlNode node = find(name);
    return node == null ? missing : count(name, node, min, max);
  }

  private int count(String name, YamlNode node, int min, int max) {
    String text = scalar(name, node);
    if (text.matches("\\d{1,9}")) {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    }
    throw bad(
        node,
        pathOf(name),
        "must be a whole number within " + min + ".." + max + ", got " + node.kind());
  }

  /** Reads a duration, ms. */
  long duration(String name, long minMs, long maxMs) {
    return duration(name, require(name), minMs, maxMs);
  }

  /** Reads a duration, ms. */
  long duration(String name, long missingMs, long minMs, long maxMs) {
    YamlNode node = find(name);
    return node == null ? missingMs : duration(name, node, minMs, maxMs);
  }

  private long duration(String name, YamlNode node, long minMs, long maxMs) {
    double ms = figure(name, node, MetricUnit.DURATION);
    if (ms != Math.rint(ms) || ms < minMs || ms > maxMs) {
      throw bad(
          node,
          pathOf(name),
          "must be whole milliseconds within " + MetricUnit.ofMs(minMs) + ".."
              + MetricUnit.ofMs(maxMs) + ", got " + node.kind());
    }
    return (long) ms;
  }

  /** Reads a share greater than 0 and at most 1. */
  double share(String name) {
    YamlNode node = require(name);
    double share = figure(name, node, MetricUnit.SHARE);
    if (share <= 0 || share > 1) {
      throw bad(node, pathOf(name), "must be more than 0% and at most 100%, got " + node.kind());
    }
    return share;
  }

  /** Reads a rate, per second. */
  double rate(String name, double missing, double min, double max) {
    YamlNode node = find(name);
    double rate = node == null ? missing : figure(name, node, MetricUnit.RATE);
    if (node != null && (rate < min || rate > max)) {
      throw bad(
          node,
          pathOf(name),
          "must be within " + MetricUnit.RATE.format(min) + ".." + MetricUnit.RATE.format(max)
              + ", got " + node.kind());
    }
    return rate;
  }

  private double figure(String name, YamlNode node, MetricUnit unit) {
    try {
      return unit.parse(scalar(name, node));
    } catch (IllegalArgumentException e) {
      throw bad(node, pathOf(name), String.valueOf(e.getMessage()));
    }
  }

  /** Begins to read a mapping within; null when there is none. */
  @Nullable
  YamlFields fields(String name) {
    YamlNode node = find(name);
    return node == null ? null : of(node, pathOf(name));
  }

  /** Returns a list within; empty when there is none. */
  List<YamlNode> items(String name) {
    YamlNode node = find(name);
    if (node == null) {
      return List.of();
    }
    if (node instanceof YamlNode.Items list) {
      return list.items();
    }
    throw bad(node, pathOf(name), "must be a list, got " + node.kind());
  }

  /** Returns the names of members of this mapping that are among these, which are thereby known. */
  List<String> among(List<String> names) {
    return names.stream().filter(this::has).toList();
  }

  /** Refuses members that nobody asked for. */
  void end() {
    mapping.members().forEach((name, node) -> {
      if (!known.contains(name)) {
        throw bad(node, pathOf(name), "is unknown; known here are " + String.join(", ", known));
      }
    });
  }

  String pathOf(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Makes the refusal of one member, or of the mapping when it has no such member. */
  ScenarioParseException bad(String name, String what) {
    YamlNode node = mapping.members().getOrDefault(name, mapping);
    return bad(node, pathOf(name), what);
  }

  static ScenarioParseException bad(YamlNode node, String path, String what) {
    return new ScenarioParseException(node.where() + ": " + path + " " + what);
  }

  private String scalar(String name, YamlNode node) {
    if (node instanceof YamlNode.Text text && !text.value().isEmpty()) {
      return text.value();
    }
    String got = node instanceof YamlNode.Text ? "nothing" : node.kind();
    throw bad(node, pathOf(name), "must be a value, got " + got);
  }

  private @Nullable YamlNode find(String name) {
    if (!known.contains(name)) {
      known.add(name);
    }
    return mapping.members().get(name);
  }

  private YamlNode require(String name) {
    YamlNode node = find(name);
    if (node == null) {
      throw bad(mapping, pathOf(name), "is missing");
    }
    return node;
  }
}
