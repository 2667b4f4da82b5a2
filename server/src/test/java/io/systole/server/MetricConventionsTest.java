// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The metrics of a node follow the conventions of Prometheus. */
@Timeout(60)
class MetricConventionsTest {
  private static final Pattern PREFIX = Pattern.compile(
      "(systole_(registry|eviction|net|auth|tls"
          + "|peer|cluster|store|cache|events|config)|jvm|process|system)_[a-z0-9_]+|systole_build_info");

  private static final Pattern SAMPLE = Pattern.compile("([a-z0-9_]+)(?:\\{(.*)})? (\\S+)");
  private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"((?:[^\"\\\\]|\\\\.)*)\"");

  /** Parts of names that show a unit other than seconds or bytes. */
  private static final Pattern SCALED_UNIT = Pattern.compile(
      "_(ms|millis|milliseconds|us|micros|ns|nanos|minutes|hours|kb|kib|mb|mib|percent)" + "(_|$)");

  /** A quantity that has a unit, which must then be the end of the name. */
  private static final Pattern NEEDS_UNIT = Pattern.compile(
      "(duration|delay|lag|uptime|timestamp|memory_(used|max|committed)|bytes|size)");

  private static final Pattern UNIT =
      Pattern.compile(".*_(seconds|bytes)(_total|_max)?|systole_store_lag_changes");

  /**
   * A metric with its samples.
   *
   * @param type as in {@code # TYPE}
   * @param labels names that any of its samples has
   */
  private record MetricFamily(String name, String type, String help, Set<String> labels) {}

  @Test
  void metrics_nodeWithPeerAndDataDirectory_followTheConventions(@TempDir Path directory)
      throws Exception {
    Map<String, String> options =
        Map.of("--peers", "http://127.0.0.1:1/eureka", "--data-dir", directory.toString());
    try (LiveNode node = LiveNode.start(options)) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(text(node)).contains("systole_peer_up{"));

      check(families(text(node)));
    }
  }

  @Test
  void metrics_nodeWithoutOptions_followTheConventions() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      Map<String, MetricFamily> families = families(text(node));

      check(families);
      assertThat(families.keySet())
          .contains(
              "systole_build_info",
              "systole_net_request_duration_seconds",
              "systole_eviction_renewal_delay_seconds",
              "process_start_time_seconds",
              "process_uptime_seconds",
              "process_files_open_files",
              "process_files_max_files",
              "jvm_threads_live_threads",
              "jvm_buffer_memory_used_bytes");
    }
  }

  /** An alert on renewals below their threshold would fire at every start. */
  @Test
  void metrics_freshNode_haveNothingToCompare() throws IOException {
    try (LiveNode node = LiveNode.start(Map.of())) {
      assertThat(text(node).lines())
          .contains(
              "systole_eviction_renewals_expected NaN",
              "systole_eviction_renewals_threshold NaN",
              "systole_eviction_self_preservation_active 0.0",
              "systole_net_errors_total 0.0");
    }
  }

  private static void check(Map<String, MetricFamily> families) {
    assertThat(families).hasSizeGreaterThan(60);
    assertThat(namesOf(families, family -> family.help.isBlank()))
        .as("without HELP")
        .isEmpty();
    assertThat(namesOf(families, family -> !PREFIX.matcher(family.name).matches()))
        .as("of no subsystem")
        .isEmpty();
    assertThat(namesOf(families, family -> SCALED_UNIT.matcher(family.name).find()))
        .as("not in base units")
        .isEmpty();
    assertThat(namesOf(
            families,
            family -> NEEDS_UNIT.matcher(family.name).find()
                && !UNIT.matcher(family.name).matches()))
        .as("without a unit")
        .isEmpty();
    assertThat(namesOf(
            families, family -> family.type.equals("counter") != family.name.endsWith("_total")))
        .as("counters, and only they, end in _total")
        .isEmpty();
    checkLabels(families);
  }

  private static void checkLabels(Map<String, MetricFamily> families) {
    // "app" and "instance" have no bound; Prometheus sets "instance" and "job" itself.
    assertThat(namesOf(
            families,
            family -> family.labels.stream()
                    .anyMatch(Set.of("app", "application", "id", "instance", "job")::contains)
                && !family.name.startsWith("jvm_")))
        .as("with a label of an application or instance")
        .isEmpty();
    assertThat(namesOf(families, family -> family.labels.contains("quantile")))
        .as("with quantiles, which can't be aggregated")
        .isEmpty();
    assertThat(namesOf(
            families, family -> family.labels.contains("le") != family.type.equals("histogram")))
        .as("histograms, and only they, have the label le")
        .isEmpty();
  }

  private static Set<String> namesOf(
      Map<String, MetricFamily> families, Predicate<MetricFamily> selected) {
    return families.values().stream()
        .filter(selected)
        .map(MetricFamily::name)
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static String text(LiveNode node) throws IOException {
    return node.exchange("GET /metrics HTTP/1.1\r\nHost: h\r\n\r\n".getBytes(US_ASCII))
        .text();
  }

  private static Map<String, MetricFamily> families(String text) {
    Map<String, String> help = new HashMap<>();
    Map<String, MetricFamily> families = new TreeMap<>();
    for (String line : text.lines().toList()) {
      String[] words = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        help.put(words[2], words.length == 4 ? words[3] : "");
      } else if (line.startsWith("# TYPE ")) {
        families.put(
            words[2],
            new MetricFamily(words[2], words[3], help.getOrDefault(words[2], ""), new TreeSet<>()));
      } else {
        Matcher sample = SAMPLE.matcher(line);
        assertThat(sample.matches()).as(line).isTrue();
        familyOf(sample.group(1), families).labels.addAll(labels(sample.group(2)));
      }
    }
    return families;
  }

  private static MetricFamily familyOf(String name, Map<String, MetricFamily> families) {
    String base = name.replaceFirst("_(bucket|count|sum)$", "");
    MetricFamily family = families.getOrDefault(name, families.get(base));
    if (family == null) {
      throw new AssertionError("no TYPE of " + name);
    }
    return family;
  }

  private static List<String> labels(@Nullable String text) {
    return text == null
        ? List.of()
        : LABEL.matcher(text).results().map(found -> found.group(1)).toList();
  }
}
