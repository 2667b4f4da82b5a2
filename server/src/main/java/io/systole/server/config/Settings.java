// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import tools.jackson.core.io.JsonStringEncoder;

/** The values of all options with their sources. Immutable. */
final class Settings {
  /** The source of values that are not set. */
  static final String DEFAULT = "default";

  /**
   * A value of an option.
   *
   * @param source the flag, variable or key in a file that sets it, or {@link #DEFAULT}
   */
  record Setting<T>(Option<T> option, T value, String source) {
    /** Returns the value in the notation of the command line, without credentials. */
    String text() {
      return Option.withoutCredentials(option.format().apply(value));
    }
  }

  /** Values that YAML reads as they are; the rest is quoted. */
  private static final Pattern PLAIN =
      Pattern.compile("(?!null$)[A-Za-z/][A-Za-z0-9._/-]*|[0-9]+(?:\\.[0-9]+)?[A-Za-z%]*");

  private final List<Option<?>> options;
  private final Map<Option<?>, Setting<?>> byOption;

  private Settings(List<Option<?>> options, Map<Option<?>, Setting<?>> byOption) {
    this.options = options;
    this.byOption = byOption;
  }

  /**
   * @param options all options, in the order of the documentation
   * @param set the values that are set, by option
   */
  static Settings of(List<Option<?>> options, Map<Option<?>, Setting<?>> set) {
    Map<Option<?>, Setting<?>> byOption = new HashMap<>(set);
    options.forEach(option -> byOption.computeIfAbsent(option, Settings::defaultOf));
    return new Settings(List.copyOf(options), byOption);
  }

  private static <T> Setting<T> defaultOf(Option<T> option) {
    return new Setting<>(option, option.defaultValue(), DEFAULT);
  }

  /** Returns the settings of all options in the order of the documentation. */
  List<Setting<?>> all() {
    return options.stream().<Setting<?>>map(this::of).toList();
  }

  /** Returns the options that are not at their default, without credentials. */
  List<SetOption> set() {
    return all().stream()
        .filter(setting -> !setting.text().equals(setting.option().defaultText()))
        .map(
            setting -> new SetOption(setting.option().flagName(), setting.text(), setting.source()))
        .toList();
  }

  <T> T value(Option<T> option) {
    return of(option).value();
  }

  @SuppressWarnings("unchecked") // an option maps to a setting of its own type
  <T> Setting<T> of(Option<T> option) {
    Setting<?> setting = byOption.get(option);
    if (setting == null) {
      throw new IllegalStateException("undeclared option " + option.name());
    }
    return (Setting<T>) setting;
  }

  /** Returns a copy with those of the other settings that are selected. */
  Settings with(Settings other, Predicate<Setting<?>> isTaken) {
    Map<Option<?>, Setting<?>> merged = new HashMap<>(byOption);
    for (Setting<?> next : other.all()) {
      if (isTaken.test(next)) {
        merged.put(next.option(), next);
      }
    }
    return new Settings(options, merged);
  }

  /** Returns all values with their sources as a configuration file, without credentials. */
  String toYaml() {
    StringBuilder yaml = new StringBuilder();
    for (String group : groups()) {
      yaml.append(group).append(":\n");
      for (Setting<?> setting : all()) {
        if (setting.option().group().equals(group)) {
          String line = "  " + setting.option().name() + ": " + quoted(setting.text());
          yaml.append("%-40s # %s\n".formatted(line, setting.source()));
        }
      }
    }
    return yaml.toString();
  }

  private List<String> groups() {
    return all().stream()
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
