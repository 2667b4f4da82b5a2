// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import java.math.BigDecimal;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A configuration option.
 *
 * @param path the key in the configuration file, {@code group.name}; without a group the option
 *     can't be set there
 * @param label the placeholder of the value in the help
 * @param range a human-readable description of the valid values
 * @param parse parses a value; returns null if it is invalid
 * @param format formats a value so that it can be parsed again
 * @param notation a sentence about the notation of values; empty if the range says enough
 * @param isReloadable whether a running node applies a new value
 */
record Option<T>(
    String path,
    String label,
    T defaultValue,
    String range,
    String description,
    Function<String, @Nullable T> parse,
    Function<T, String> format,
    String notation,
    boolean isReloadable) {

  /** User info, up to the last at sign of each URL of a list: passwords may have any character. */
  private static final Pattern USER_INFO =
      Pattern.compile("(^|[,\\s])([A-Za-z]+://)?(?:(?![,\\s][A-Za-z]+://).)*@", Pattern.DOTALL);

  /** In ASCII and without a plus sign, unlike numbers of the JDK; fits a long. */
  private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,18}");

  private static final Pattern SHARE = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,9})?)(%?)");

  /** An option whose values are formatted by {@code toString}. */
  Option(
      String path,
      String label,
      T defaultValue,
      String range,
      String description,
      Function<String, @Nullable T> parse) {
    this(path, label, defaultValue, range, description, parse, String::valueOf, "", false);
  }

  private static final long MS_PER_SEC = 1_000;

  static Option<Integer> integer(
      String path, String label, int defaultValue, int min, int max, String description) {
    return new Option<>(path, label, defaultValue, min + ".." + max, description, text -> {
      Long value = within(wholeNumber(text), min, max);
      return value == null ? null : value.intValue();
    });
  }

  /** Returns an option with a duration in milliseconds as value. */
  static Option<Long> duration(
      String path, long defaultMs, long minMs, long maxMs, String description) {
    return quantity(Quantity.DURATION, path, "TIME", defaultMs, minMs, maxMs, description);
  }

  /** Returns an option with a duration in whole seconds as value. */
  static Option<Integer> seconds(
      String path, int defaultSecs, int minSecs, int maxSecs, String description) {
    Quantity quantity = Quantity.DURATION;
    return new Option<>(
        path,
        "TIME",
        defaultSecs,
        quantity.format(minSecs * MS_PER_SEC) + ".." + quantity.format(maxSecs * MS_PER_SEC),
        description,
        text -> {
          Long ms = within(quantity.parse(text), minSecs * MS_PER_SEC, maxSecs * MS_PER_SEC);
          return ms == null || ms % MS_PER_SEC != 0 ? null : (int) (ms / MS_PER_SEC);
        },
        secs -> quantity.format(secs * MS_PER_SEC),
        "whole seconds; " + quantity.notation(),
        false);
  }

  /** Returns an option with a size in bytes as value. */
  static Option<Long> size(
      String path, long defaultBytes, long minBytes, long maxBytes, String description) {
    return quantity(Quantity.SIZE, path, "SIZE", defaultBytes, minBytes, maxBytes, description);
  }

  private static Option<Long> quantity(
      Quantity quantity,
      String path,
      String label,
      long defaultValue,
      long min,
      long max,
      String description) {
    return new Option<>(
        path,
        label,
        defaultValue,
        quantity.format(min) + ".." + quantity.format(max),
        description,
        text -> within(quantity.parse(text), min, max),
        quantity::format,
        quantity.notation(),
        false);
  }

  static Option<Boolean> flag(String path, boolean defaultValue, String description) {
    return new Option<>(
        path,
        "true|false",
        defaultValue,
        "true|false",
        description,
        text -> text.equals("true") ? Boolean.TRUE : text.equals("false") ? Boolean.FALSE : null);
  }

  /** Returns an option with a share of 0 to 1 as value, written as a percentage or a fraction. */
  static Option<Double> share(String path, double defaultValue, double min, String description) {
    return new Option<>(
        path,
        "SHARE",
        defaultValue,
        percentage(min) + ".." + percentage(1),
        description,
        text -> fraction(text, min),
        Option::percentage,
        "",
        false);
  }

  /** Returns an option whose values are the constants of an enum, in lower case. */
  static <E extends Enum<E>> Option<E> choice(
      String path, String label, E defaultValue, String description) {
    E[] choices = defaultValue.getDeclaringClass().getEnumConstants();
    return new Option<>(
        path,
        label,
        defaultValue,
        Arrays.stream(choices).map(Option::nameOf).collect(Collectors.joining("|")),
        description,
        text -> Arrays.stream(choices)
            .filter(choice -> nameOf(choice).equals(text))
            .findFirst()
            .orElse(null),
        Option::nameOf,
        "",
        false);
  }

  /** Returns this option as one that a running node applies. */
  Option<T> reloadable() {
    return new Option<>(
        path, label, defaultValue, range, description, parse, format, notation, true);
  }

  static String nameOf(Enum<?> choice) {
    return choice.name().toLowerCase(Locale.ROOT);
  }

  private static String percentage(double share) {
    return BigDecimal.valueOf(share).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
  }

  private static @Nullable Double fraction(String text, double min) {
    var share = SHARE.matcher(text);
    if (!share.matches()) {
      return null;
    }
    BigDecimal number = new BigDecimal(share.group(1));
    double value = (share.group(2).isEmpty() ? number : number.movePointLeft(2)).doubleValue();
    return value >= min && value <= 1 ? value : null;
  }

  private static @Nullable Long wholeNumber(String text) {
    return NUMBER.matcher(text).matches() ? Long.valueOf(text) : null;
  }

  private static @Nullable Long within(@Nullable Long value, long min, long max) {
    return value != null && value >= min && value <= max ? value : null;
  }

  /** Returns the name, which is the last part of the path. */
  String name() {
    return path.substring(path.lastIndexOf('.') + 1);
  }

  /** Returns the group in the configuration file; empty if the option can't be set there. */
  String group() {
    return path.substring(0, Math.max(0, path.lastIndexOf('.')));
  }

  /** Returns the name on the command line. */
  String flagName() {
    return "--" + name();
  }

  /** Returns the name of the environment variable. */
  String variableName() {
    return "SYSTOLE_" + name().toUpperCase(Locale.ROOT).replace('-', '_');
  }

  /** Returns the default in the notation of the command line. */
  String defaultText() {
    return format.apply(defaultValue);
  }

  /**
   * Parses a value.
   *
   * @param source the place and name of the value, for the message
   * @throws InvalidOptionException if the value is invalid
   */
  T read(String source, String text) {
    T value = parse.apply(text.strip());
    if (value == null) {
      String hint = notation.isEmpty() ? "" : "; " + notation;
      throw new InvalidOptionException(
          source + "=" + withoutCredentials(text) + " is not within " + range + hint);
    }
    return value;
  }

  /** Replaces the user info of URLs. */
  static String withoutCredentials(String text) {
    return USER_INFO.matcher(text).replaceAll("$1$2***@");
  }
}
