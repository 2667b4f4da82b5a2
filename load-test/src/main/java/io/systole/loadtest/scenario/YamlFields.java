// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A strict reader of one mapping: each member by name, type and range, and no others. Not
 * thread-safe.
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
   * Returns a reader of a mapping.
   *
   * @param path of the mapping within the scenario, for messages; empty for the root
   */
  static YamlFields of(YamlNode node, String path) {
    if (node instanceof YamlNode.Mapping mapping) {
      return new YamlFields(mapping, path);
    }
    // A member without a value is an empty mapping.
    if (node instanceof YamlNode.Text text && text.value().isEmpty()) {
      return new YamlFields(new YamlNode.Mapping(text.location(), Map.of()), path);
    }
    throw error(
        node, path.isEmpty() ? "a scenario" : path, "must be a mapping, got " + node.description());
  }

  boolean has(String name) {
    return find(name) != null;
  }

  String text(String name) {
    return scalar(name, require(name));
  }

  String text(String name, String defaultValue) {
    YamlNode node = find(name);
    return node == null ? defaultValue : scalar(name, node);
  }

  boolean flag(String name, boolean defaultValue) {
    YamlNode node = find(name);
    if (node == null) {
      return defaultValue;
    }
    return switch (scalar(name, node)) {
      case "true" -> true;
      case "false" -> false;
      default ->
        throw error(node, pathOf(name), "must be true or false, got " + node.description());
    };
  }

  int count(String name, int min, int max) {
    return count(name, require(name), min, max);
  }

  int count(String name, int defaultValue, int min, int max) {
    YamlNode node = find(name);
    return node == null ? defaultValue : count(name, node, min, max);
  }

  private int count(String name, YamlNode node, int min, int max) {
    String text = scalar(name, node);
    if (text.matches("\\d{1,9}")) {
      int value = Integer.parseInt(text);
      if (value >= min && value <= max) {
        return value;
      }
    }
    throw error(
        node,
        pathOf(name),
        "must be a whole number within " + min + ".." + max + ", got " + node.description());
  }

  /** Returns a duration, ms. */
  long duration(String name, long minMs, long maxMs) {
    return duration(name, require(name), minMs, maxMs);
  }

  /** Returns a duration, ms. */
  long duration(String name, long defaultMs, long minMs, long maxMs) {
    YamlNode node = find(name);
    return node == null ? defaultMs : duration(name, node, minMs, maxMs);
  }

  private long duration(String name, YamlNode node, long minMs, long maxMs) {
    double ms = figure(name, node, MetricUnit.DURATION);
    if (ms != Math.rint(ms) || ms < minMs || ms > maxMs) {
      throw error(
          node,
          pathOf(name),
          "must be whole milliseconds within " + MetricUnit.ofMs(minMs) + ".."
              + MetricUnit.ofMs(maxMs) + ", got " + node.description());
    }
    return (long) ms;
  }

  /** Returns a share above 0 and at most 1. */
  double share(String name) {
    YamlNode node = require(name);
    double share = figure(name, node, MetricUnit.SHARE);
    if (share <= 0 || share > 1) {
      throw error(
          node, pathOf(name), "must be more than 0% and at most 100%, got " + node.description());
    }
    return share;
  }

  /** Returns a rate per second. */
  double rate(String name, double defaultValue, double min, double max) {
    YamlNode node = find(name);
    double rate = node == null ? defaultValue : figure(name, node, MetricUnit.RATE);
    if (node != null && (rate < min || rate > max)) {
      throw error(
          node,
          pathOf(name),
          "must be within " + MetricUnit.RATE.format(min) + ".." + MetricUnit.RATE.format(max)
              + ", got " + node.description());
    }
    return rate;
  }

  private double figure(String name, YamlNode node, MetricUnit unit) {
    try {
      return unit.parse(scalar(name, node));
    } catch (IllegalArgumentException e) {
      throw error(node, pathOf(name), String.valueOf(e.getMessage()));
    }
  }

  /** Returns a reader of a nested mapping; null if absent. */
  @Nullable
  YamlFields fields(String name) {
    YamlNode node = find(name);
    return node == null ? null : of(node, pathOf(name));
  }

  /** Returns a nested list; empty if absent. */
  List<YamlNode> items(String name) {
    YamlNode node = find(name);
    if (node == null) {
      return List.of();
    }
    if (node instanceof YamlNode.Items list) {
      return list.items();
    }
    throw error(node, pathOf(name), "must be a list, got " + node.description());
  }

  /** Returns those of the names that this mapping has; all of them become known. */
  List<String> present(List<String> names) {
    return names.stream().filter(this::has).toList();
  }

  /** Rejects members that were not read. */
  void requireNoOthers() {
    mapping.members().forEach((name, node) -> {
      if (!known.contains(name)) {
        throw error(node, pathOf(name), "is unknown; known here are " + String.join(", ", known));
      }
    });
  }

  String pathOf(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Returns the error of a member, or of the mapping if it has no such member. */
  ScenarioParseException error(String name, String what) {
    YamlNode node = mapping.members().getOrDefault(name, mapping);
    return error(node, pathOf(name), what);
  }

  static ScenarioParseException error(YamlNode node, String path, String what) {
    return new ScenarioParseException(node.location() + ": " + path + " " + what);
  }

  private String scalar(String name, YamlNode node) {
    if (node instanceof YamlNode.Text text && !text.value().isEmpty()) {
      return text.value();
    }
    String got = node instanceof YamlNode.Text ? "nothing" : node.description();
    throw error(node, pathOf(name), "must be a value, got " + got);
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
      throw error(mapping, pathOf(name), "is missing");
    }
    return node;
  }
}
