// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A configuration option.
 *
 * @param name the flag without the dashes
 * @param label the placeholder of the value in the help
 * @param range a human-readable description of the valid values
 * @param parse parses a value; returns null if it is invalid
 */
record Option<T>(
    String name,
    String label,
    T defaultValue,
    String range,
    String description,
    Function<String, @Nullable T> parse) {

  static Option<Integer> integer(
      String name, String label, int defaultValue, int min, int max, String description) {
    return new Option<>(name, label, defaultValue, min + ".." + max, description, text -> {
      Long value = wholeNumber(text, min, max);
      return value == null ? null : value.intValue();
    });
  }

  static Option<Long> millis(
      String name, long defaultValue, long min, long max, String description) {
    return new Option<>(
        name,
        "MS",
        defaultValue,
        min + ".." + max,
        description,
        text -> wholeNumber(text, min, max));
  }

  static Option<Long> bytes(
      String name, long defaultValue, long min, long max, String description) {
    return new Option<>(
        name,
        "BYTES",
        defaultValue,
        min + ".." + max,
        description,
        text -> wholeNumber(text, min, max));
  }

  static Option<Boolean> flag(String name, boolean defaultValue, String description) {
    return new Option<>(
        name,
        "true|false",
        defaultValue,
        "true|false",
        description,
        text -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null);
  }

  /** Returns an option with a decimal fraction as value. */
  static Option<Double> share(String name, double defaultValue, double min, String description) {
    return new Option<>(
        name, "SHARE", defaultValue, min + "..1.0", description, text -> fraction(text, min));
  }

  /** Returns an option whose values are the constants of an enum, in lower case. */
  static <E extends Enum<E>> Option<E> choice(
      String name, String label, E defaultValue, String description) {
    E[] choices = defaultValue.getDeclaringClass().getEnumConstants();
    String range = Arrays.stream(choices).map(Option::nameOf).collect(Collectors.joining("|"));
    return new Option<>(
        name,
        label,
        defaultValue,
        range,
        description,
        text -> Arrays.stream(choices)
            .filter(choice -> nameOf(choice).equals(text))
            .findFirst()
            .orElse(null));
  }

  static String nameOf(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  private static @Nullable Double fraction(String text, double min) {
    try {
      double value = Double.parseDouble(text);
      return value >= min && value <= 1 ? value : null;
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }

  private static @Nullable Long wholeNumber(String text, long min, long max) {
    try {
      long value = Long.parseLong(text);
      return value >= min && value <= max ? value : null;
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }

  /** Returns the name on the command line. */
  String flagName() {
    return "--" + name;
  }

  /** Returns the name of the environment variable. */
  String variableName() {
    return "SYSTOLE_" + name.toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** Returns the default in the syntax of the command line. */
  String defaultText() {
    return defaultValue instanceof Enum<?> choice ? nameOf(choice) : String.valueOf(defaultValue);
  }

  /**
   * Parses a value.
   *
   * @param source the name of the flag or variable, for the message
   * @throws InvalidOptionException if the value is invalid
   */
  T read(String source, String text) {
    T value = parse.apply(text.strip());
    if (value == null) {
      throw new InvalidOptionException(
          source + "=" + withoutCredentials(text) + " is not within " + range);
    }
    return value;
  }

  /** Removes the user info of URLs. */
  private static String withoutCredentials(String text) {
    return text.replaceAll("//[^/,\\s]*@", "//");
  }
}
