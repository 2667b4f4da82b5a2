// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.config.Settings.Setting;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/** A configuration with the sources of its values. */
public final class LoadedConfig {
  /** Values that YAML reads as they are; the rest is quoted. */
  private static final Pattern PLAIN =
      Pattern.compile("(?!null$)[A-Za-z/][A-Za-z0-9._/-]*|[0-9]+(?:\\.[0-9]+)?[A-Za-z%]*");

  private final Settings settings;
  private final ServerConfig server;
  private final List<String> notices;

  LoadedConfig(Settings settings, ServerConfig server, List<String> notices) {
    this.settings = settings;
    this.server = server;
    this.notices = notices;
  }

  Settings settings() {
    return settings;
  }

  /** Returns the configuration of the node. */
  public ServerConfig server() {
    return server;
  }

  /** Returns a line for each key of the file that is understood, but has no effect. */
  public List<String> notices() {
    return notices;
  }

  /**
   * Returns the name of the least severe level that is logged; null if none is set, so that a log
   * configuration of the operator's own decides.
   */
  public @Nullable String logLevel() {
    Setting<?> level = settings.of(NodeOptions.LOG_LEVEL);
    return level.source().equals(Settings.DEFAULT) ? null : level.text();
  }

  /** Returns all values with their sources as a configuration file, without credentials. */
  public String toYaml() {
    StringBuilder yaml = new StringBuilder();
    for (String group : groups()) {
      yaml.append(group).append(":\n");
      for (Setting<?> setting : settings.all()) {
        if (setting.option().group().equals(group)) {
          String line = "  " + setting.option().name() + ": " + quoted(setting.text());
          yaml.append("%-40s # %s\n".formatted(line, setting.source()));
        }
      }
    }
    return yaml.toString();
  }

  private List<String> groups() {
    return settings.all().stream()
        .map(setting -> setting.option().group())
        .filter(group -> !group.isEmpty())
        .distinct()
        .toList();
  }

  private static String quoted(String text) {
    return PLAIN.matcher(text).matches()
        ? text
        : '"' + new String(JsonStringEncoder.getInstance().quoteAsCharArray(text)) + '"';
  }
}
