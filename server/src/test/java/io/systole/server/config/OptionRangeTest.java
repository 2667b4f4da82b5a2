// SPDX-License-Identifier: Apache-2.0
package io.systole.server.config;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every declared option, in every source, at both ends of its range and beyond. */
class OptionRangeTest {
  /**
   * Values of the options whose range is not a pair of numbers: valid ones, then invalid ones. An
   * option that is missing here fails the test.
   */
  private static final Map<String, List<List<String>>> EXAMPLES = Map.ofEntries(
      example("config", List.of("none"), List.of("")),
      example("spring-profiles", List.of("none", "a", "a,b-1"), List.of("", "a b", "a,")),
      example("bind", List.of("::1", "host.example"), List.of("")),
      example("prefixes", List.of("/a", "/a/b,/c"), List.of("", "a", "/", "/a/", "/a,")),
      example("management-port", List.of("none", "0", "65535"), List.of("", "-1", "65536", "any")),
      example("management-bind", List.of("127.0.0.1"), List.of("")),
      example("allowed-hosts", List.of("any", "a.example,B"), List.of("", "a b", "a:1", "a,")),
      example("allow-peers", List.of("any", "10.0.0.0/8,::1"), List.of("", "host", "10.0.0.0/33")),
      example("peers", List.of("none", "http://a/e,https://b:1/e"), List.of("", "a", "ftp://a/e")),
      example("cluster", List.of("none", "a", "A.b-c_1"), List.of("", "a b", "a".repeat(65))),
      example(
          "cluster-members",
          List.of("none", "a:1,b.c:65535,[::1]:7800", "dns:systole-nodes.ns.svc"),
          List.of("", "a", "a:0", "a:65536", "a:1,", "::1:7800", "dns:", "dns:a:1", "dns:a,b:1")),
      example("cluster-bind", List.of("auto", "10.0.0.1", "host"), List.of("", "a b")),
      example(
          "otlp-url",
          List.of("none", "http://a:4318/v1/metrics", "https://u:p@b/otlp"),
          List.of("", "a", "ftp://a/e", "http://a:99999/", "http://a/?b")),
      example("protect", List.of("registry", "app,zone"), List.of("", "cap", "app,")),
      example("data-dir", List.of("none", "/a"), List.of("", "\0")));

  private static final Map<String, String> MANAGED = Map.of("--management-port", "0");

  private static final Map<String, String> TLS =
      Map.of("--tls-certificate", "/a", "--tls-key", "/b", "--tls-client-ca", "/c");

  private static final Map<String, String> MANAGED_TLS = Map.of(
      "--management-port", "0",
      "--management-tls-certificate", "/a",
      "--management-tls-key", "/b",
      "--management-tls-client-ca", "/c");

  /** Flags without which a value has no effect and is refused, by name and value of the option. */
  private static final Map<String, Map<String, String>> REQUIRED = Map.ofEntries(
      Map.entry("management-bind=127.0.0.1", MANAGED),
      Map.entry("peer-certificate=/a", Map.of("--peer-key", "/b")),
      Map.entry("peer-key=/a", Map.of("--peer-certificate", "/b")),
      Map.entry("tls-certificate=/a", Map.of("--tls-key", "/b")),
      Map.entry("tls-key=/a", Map.of("--tls-certificate", "/b")),
      Map.entry("tls-client-ca=/a", withAuth(TLS, "--tls-client-auth")),
      Map.entry("tls-client-auth=optional", TLS),
      Map.entry("tls-client-auth=required", TLS),
      Map.entry("management-tls=false", MANAGED),
      Map.entry(
          "management-tls-certificate=/a",
          Map.of("--management-port", "0", "--management-tls-key", "/b")),
      Map.entry(
          "management-tls-key=/a",
          Map.of("--management-port", "0", "--management-tls-certificate", "/b")),
      Map.entry(
          "management-tls-client-ca=/a", withAuth(MANAGED_TLS, "--management-tls-client-auth")),
      Map.entry("management-tls-client-auth=none", MANAGED),
      Map.entry("management-tls-client-auth=optional", MANAGED_TLS),
      Map.entry("management-tls-client-auth=required", MANAGED_TLS));

  private static Map<String, String> withAuth(Map<String, String> flags, String name) {
    Map<String, String> all = new HashMap<>(flags);
    all.put(name, "required");
    return all;
  }

  private static final Map<String, String> CLUSTER =
      Map.of("--cluster", "a", "--cluster-members", "a:1");

  private static final Map<String, String> CLUSTER_TLS =
      Map.of("--cluster-certificate", "/a", "--cluster-key", "/b", "--cluster-ca", "/c");

  /** Returns the flags without which a value is refused; may be changed. */
  private static Map<String, String> flagsFor(String name, String value) {
    Map<String, String> flags = new HashMap<>(REQUIRED.getOrDefault(name + "=" + value, Map.of()));
    if (name.startsWith("cluster") && !value.equals("none")) {
      flags.putAll(CLUSTER);
      if (CLUSTER_TLS.containsKey("--" + name)) {
        flags.putAll(CLUSTER_TLS);
      }
    }
    flags.remove("--" + name);
    return flags;
  }

  private static Map.Entry<String, List<List<String>>> example(
      String name, List<String> valid, List<String> invalid) {
    return Map.entry(name, List.of(valid, invalid));
  }

  static final List<Option<?>> OPTIONS = Options.all();

  static Stream<Arguments> values() {
    return OPTIONS.stream().flatMap(OptionRangeTest::valuesOf);
  }

  static Stream<Arguments> valuesOfFiles() {
    return OPTIONS.stream()
        .filter(option -> !option.group().isEmpty())
        .flatMap(OptionRangeTest::valuesOf);
  }

  private static Stream<Arguments> valuesOf(Option<?> option) {
    List<List<String>> examples = examplesOf(option);
    return Stream.concat(
        examples.get(0).stream().map(value -> arguments(option.name(), value, true)),
        examples.get(1).stream().map(value -> arguments(option.name(), value, false)));
  }

  private static List<List<String>> examplesOf(Option<?> option) {
    String[] ends = option.range().split("\\.\\.");
    if (EXAMPLES.containsKey(option.name())) {
      return EXAMPLES.get(option.name());
    }
    if (option.range().equals("a file, or none")) {
      return List.of(List.of("none", "/a"), List.of("", "\0"));
    }
    if (option.range().contains("|")) {
      return List.of(List.of(option.range().split("\\|")), List.of("", "other", "tru"));
    }
    assertThat(ends).as("examples of %s", option.name()).hasSize(2);
    return List.of(
        List.of(ends), List.of(beyond(ends, 0), beyond(ends, 1), "", "x", "1x", "NaN", "-1"));
  }

  /** Returns the value next to an end of a range, in the unit of the other end. */
  private static String beyond(String[] ends, int end) {
    BigDecimal number = new BigDecimal(ends[end].replaceAll("[^0-9.]", ""));
    String unit = ends[end].replaceAll("[0-9.]", "");
    if (unit.isEmpty() && number.signum() == 0) {
      return "-1" + ends[1].replaceAll("[0-9.]", "");
    }
    String smallest = unit.endsWith("B") ? "B" : unit.isEmpty() || unit.equals("%") ? unit : "ms";
    Quantity quantity = smallest.equals("B") ? Quantity.SIZE : Quantity.DURATION;
    BigDecimal step = unit.equals("%") ? new BigDecimal("0.01") : BigDecimal.ONE;
    BigDecimal value = smallest.equals(unit)
        ? number
        : BigDecimal.valueOf(requireNonNull(quantity.parse(ends[end])));
    return (end == 0 ? value.subtract(step) : value.add(step)).toPlainString() + smallest;
  }

  @ParameterizedTest
  @MethodSource("values")
  void read_valueByFlag_isAcceptedWithinTheRangeOnly(String name, String value, boolean isValid) {
    Map<String, String> flags = flagsFor(name, value);
    flags.put("--" + name, value);

    check("--" + name, value, isValid, flags, Map.of());
  }

  @ParameterizedTest
  @MethodSource("values")
  void read_valueByVariable_isAcceptedWithinTheRangeOnly(
      String name, String value, boolean isValid) {
    Option<?> option = optionOf(name);

    check(
        option.variableName(),
        value,
        isValid,
        flagsFor(name, value),
        Map.of(option.variableName(), value));
  }

  @ParameterizedTest
  @MethodSource("valuesOfFiles")
  void read_valueByFile_isAcceptedWithinTheRangeOnly(
      String name, String value, boolean isValid, @TempDir Path folder) throws IOException {
    Option<?> option = optionOf(name);
    String quoted = '"' + value.replace("\0", "\\0") + '"';
    Path file = folder.resolve("systole.yml");
    Files.writeString(file, option.group() + ":\n  " + name + ": " + quoted + "\n");
    Map<String, String> flags = flagsFor(name, value);
    flags.put("--config", file.toString());

    check(file + ":2: " + option.path(), value, isValid, flags, Map.of());
  }

  private static void check(
      String source,
      String value,
      boolean isValid,
      Map<String, String> flags,
      Map<String, String> environment) {
    if (isValid) {
      assertThat(ConfigParser.read(flags, environment)).isNotNull();
    } else {
      assertThatThrownBy(() -> ConfigParser.read(flags, environment))
          .isInstanceOf(InvalidOptionException.class)
          .hasMessageStartingWith(source + "=" + value + " is not within ");
    }
  }

  private static Option<?> optionOf(String name) {
    return OPTIONS.stream()
        .filter(option -> option.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @FieldSource("OPTIONS")
  void defaultText_readAgain_isTheDefault(Option<?> option) {
    assertThat(option.read("default", option.defaultText())).isEqualTo(option.defaultValue());
  }

  @Test
  void names_ofAllOptions_areUniqueAndInNoGroupOfSpring() {
    assertThat(OPTIONS).extracting(Option::name).doesNotHaveDuplicates();
    assertThat(OPTIONS).extracting(Option::group).doesNotContainAnyElementsOf(SpringNames.ROOTS);
  }
}
