// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

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
}
