// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import io.systole.server.config.PeerOptions.OptionalPath;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** The options of the process: its configuration file and its log. */
final class NodeOptions {
  /**
   * The active profiles of a Spring file.
   *
   * @param names empty for those that the file names
   */
  record Profiles(List<String> names) {
    private static final String ABSENT = "none";

    static @Nullable Profiles parse(String text) {
      if (text.equals(ABSENT)) {
        return new Profiles(List.of());
      }
      List<String> names = List.of(text.split(",", -1));
      return names.stream().allMatch(name -> name.matches("[\\w.@-]+"))
          ? new Profiles(names)
          : null;
    }

    @Override
    public String toString() {
      return names.isEmpty() ? ABSENT : String.join(",", names);
    }
  }

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

  /** The format of the log. */
  enum LogFormat {
    TEXT,
    JSON
  }

  static final Option<OptionalPath> CONFIG = new Option<>(
      "config",
      "FILE",
      OptionalPath.NONE,
      "a file, or none",
      "configuration file in YAML, or a Spring server's application.yml",
      OptionalPath::parse);

  static final Option<Profiles> SPRING_PROFILES = new Option<>(
      "spring-profiles",
      "NAMES",
      new Profiles(List.of()),
      "names, separated by commas, or none",
      "active profiles of a Spring file; none: its spring.profiles.active",
      Profiles::parse);

  static final Option<LogLevel> LOG_LEVEL = new Option<>(
      "log.log-level",
      "LEVEL",
      LogLevel.INFO,
      "off|error|warn|info|debug|trace",
      "least severe level that is logged",
      LogLevel::parse,
      Option::nameOf,
      "",
      true);

  static final Option<LogFormat> LOG_FORMAT = Option.choice(
      "log.log-format",
      "FORMAT",
      LogFormat.TEXT,
      "format of the log on standard error; json has one object a line");

  /** In the order of the documentation. */
  static final List<Option<?>> ALL = List.of(CONFIG, SPRING_PROFILES, LOG_LEVEL, LOG_FORMAT);

  private NodeOptions() {}
}
