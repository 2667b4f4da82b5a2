// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.config.PeerOptions.OptionalPath;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The options of the process: its configuration file and its log. */
final class NodeOptions {
  /** The least severe level that is logged. */
  enum LogLevel {
    OFF,
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE;

    static @Nullable LogLevel parse(String text) {
      String name = text.toUpperCase(Locale.ROOT);
      return Arrays.stream(values())
          .filter(level -> level.name().equals(name))
          .findFirst()
          .orElse(null);
    }
  }

  static final Option<OptionalPath> CONFIG = new Option<>(
      "config",
      "FILE",
      OptionalPath.NONE,
      "a file, or none",
      "configuration file in YAML",
      OptionalPath::parse);

  static final Option<LogLevel> LOG_LEVEL = new Option<>(
      "log.log-level",
      "LEVEL",
      LogLevel.INFO,
      "off|error|warn|info|debug|trace",
      "least severe level that is logged",
      LogLevel::parse,
      Option::nameOf,
      "");

  /** In the order of the documentation. */
  static final List<Option<?>> ALL = List.of(CONFIG, LOG_LEVEL);

  private NodeOptions() {}
}
