// SPDX-License-Identifier: Apache-2.0
package io.systole.server.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The rules, alerts and dashboard, compared with the metrics and sections of the README. */
class ObserveFilesTest {
  private static final Path FOLDER = Path.of("deploy/observe");
  private static final YAMLMapper YAML = new YAMLMapper();

  /** Names of series; functions, labels and keywords have no such prefix. */
  private static final Pattern SERIES = Pattern.compile(
      "[a-z_:]*\\b(?:systole|jvm|process|system)_[a-z0-9_:]+|\\bup\\b|\\bALERTS\\b");

  /** A series with matchers, of which the names of the labels count. */
  private static final Pattern SELECTOR = Pattern.compile("([a-z0-9_:]+)\\{([^}]*)}");

  private static final Pattern MATCHER = Pattern.compile("([a-z]+)(?:=~|!=|=)\"");
  private static final Pattern NAME_WITH_LABELS = Pattern.compile(
      "`[^`]*?\\b((?:systole|jvm|process|system)_[a-z0-9_]*[a-z0-9])(?:\\{([a-z,]+)})?`");
  private static final Pattern TABLE_ROW =
      Pattern.compile("(?m)^\\| `(Systole\\w+)` \\| (critical|warning) \\| [^|]+ \\| [^|]+ \\|$");

  /** Labels that Prometheus or the binders of Micrometer add. */
  private static final Set<String> COMMON_LABELS = Set.of("job", "instance", "area", "id", "le");

  private static JsonNode yaml(String file) throws IOException {
    return YAML.readTree(Files.readString(FOLDER.resolve(file)));
  }

  private static List<JsonNode> rulesOf(String file) throws IOException {
    return yaml(file).path("groups").values().stream()
        .flatMap(group -> group.path("rules").values().stream())
        .toList();
  }

  private static JsonNode dashboard() throws IOException {
    return new JsonMapper().readTree(Files.readString(FOLDER.resolve("dashboard.json")));
  }

  private static List<String> queriesOfDashboard() throws IOException {
    JsonNode dashboard = dashboard();
    List<String> queries = new ArrayList<>();
    dashboard.findValues("expr").forEach(query -> queries.add(query.asString()));
    dashboard.findValues("definition").forEach(query -> queries.add(query.asString()));
    return queries;
  }

  private static List<String> allQueries() throws IOException {
    List<String> queries = new ArrayList<>(queriesOfDashboard());
    for (String file : List.of("rules.yml", "alerts.yml")) {
      rulesOf(file).forEach(rule -> queries.add(rule.path("expr").asString()));
    }
    return queries;
  }

  private static Set<String> recorded() throws IOException {
    return rulesOf("rules.yml").stream()
        .map(rule -> rule.path("record").asString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> alertNames() throws IOException {
    return rulesOf("alerts.yml").stream()
        .map(rule -> rule.path("alert").asString())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Stream<String> found(Pattern pattern, String text) {
    return pattern.matcher(text).results().map(MatchResult::group);
  }

  /** Returns the label names of each metric of the README by its name. */
  private static Map<String, Set<String>> labelsByMetric() throws IOException {
    String readme = Files.readString(Path.of("README.md"));
    String table =
        readme.substring(readme.indexOf("### Metrics"), readme.indexOf("### Tested clients"));
    return NAME_WITH_LABELS
        .matcher(table)
        .results()
        .collect(Collectors.toMap(
            metric -> metric.group(1),
            metric ->
                metric.group(2) == null ? Set.of() : Set.of(metric.group(2).split(",")),
            (one, other) -> one.size() > other.size() ? one : other));
  }

  private static String baseOf(String series) {
    return series.replaceAll("_seconds_(bucket|count|sum)$", "_seconds");
  }

  @Test
  void series_ofAllExpressions_areMetricsOfTheReadmeOrRecorded() throws IOException {
    Set<String> recorded = recorded();
    Set<String> used = allQueries().stream()
        .flatMap(query -> found(SERIES, query))
        .map(ObserveFilesTest::baseOf)
        .collect(Collectors.toCollection(TreeSet::new));

    Set<String> unknown = new TreeSet<>(used);
    unknown.removeAll(labelsByMetric().keySet());
    unknown.removeAll(recorded);
    // Of Prometheus itself, and of Micrometer, which the README names by their prefix.
    unknown.removeIf(name -> name.matches("up|ALERTS|(jvm|process|system)_.*"));

    assertThat(used).hasSizeGreaterThan(60);
    assertThat(unknown).isEmpty();
    assertThat(used).as("each recorded series is used").containsAll(recorded);
  }

  @Test
  void labels_ofAllSelectors_areThoseOfTheReadme() throws IOException {
    Map<String, Set<String>> labels = labelsByMetric();
    Set<String> unknown = new TreeSet<>();
    for (String query : allQueries()) {
      Matcher selector = SELECTOR.matcher(query);
      while (selector.find()) {
        Set<String> known =
            new HashSet<>(labels.getOrDefault(baseOf(selector.group(1)), COMMON_LABELS));
        known.addAll(COMMON_LABELS);
        MATCHER
            .matcher(selector.group(2))
            .results()
            .map(matcher -> matcher.group(1))
            .filter(label -> !known.contains(label) && !isOfPrometheus(selector.group(1)))
            .forEach(label -> unknown.add(selector.group(1) + ": " + label));
      }
    }

    assertThat(unknown).isEmpty();
  }

  private static boolean isOfPrometheus(String series) {
    return series.equals("ALERTS") || series.contains(":");
  }

  @Test
  void alerts_haveSeveritySummaryDescriptionAndTheSectionOfTheirSymptom() throws IOException {
    Set<String> anchors = anchorsOf(Files.readString(Path.of("README.md")));

    assertThat(rulesOf("alerts.yml")).hasSizeGreaterThan(30).allSatisfy(alert -> {
      assertThat(alert.at("/labels/severity").asString()).isIn("critical", "warning");
      JsonNode annotations = alert.path("annotations");
      assertThat(annotations.path("summary").asString()).isNotBlank().doesNotEndWith(".");
      assertThat(annotations.path("description").asString()).isNotBlank().endsWith(".");
      String[] runbook = annotations.path("runbook").asString().split("#", 2);
      assertThat(runbook[0]).isEqualTo("server/README.md");
      assertThat(runbook[1]).isIn(anchors);
    });
  }

  /** The anchors of the headings below "Troubleshoot". */
  private static Set<String> anchorsOf(String readme) {
    String symptoms =
        readme.substring(readme.indexOf("\n## Troubleshoot"), readme.indexOf("\n## Recover"));
    return Pattern.compile("(?m)^### (.+)$")
        .matcher(symptoms)
        .results()
        .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
        .map(heading -> heading.replaceAll("[^a-z0-9 -]", "").replace(' ', '-'))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  @Test
  void alerts_areThoseOfTheTable() throws IOException {
    Map<String, String> severities = rulesOf("alerts.yml").stream()
        .collect(Collectors.toMap(
            alert -> alert.path("alert").asString(),
            alert -> alert.at("/labels/severity").asString()));

    Map<String, String> table = TABLE_ROW
        .matcher(Files.readString(FOLDER.resolve("README.md")))
        .results()
        .collect(Collectors.toMap(row -> row.group(1), row -> row.group(2)));

    assertThat(table).containsExactlyInAnyOrderEntriesOf(severities);
  }

  @Test
  void alerts_areEachTestedToFire() throws IOException {
    Set<String> expected = new TreeSet<>();
    yaml("alerts_test.yml").findValues("labels").forEach(labels -> {
      Matcher alert = Pattern.compile("alertname=\"(\\w+)\"").matcher(labels.asString());
      assertThat(alert.find()).isTrue();
      expected.add(alert.group(1));
    });

    assertThat(expected).isEqualTo(alertNames());
  }

  @Test
  void prometheus_loadsBothFilesAndScrapesTheJobOfTheExpressions() throws IOException {
    JsonNode prometheus = yaml("prometheus.yml");

    assertThat(prometheus.path("rule_files").values().stream().map(JsonNode::asString))
        .containsExactly("rules.yml", "alerts.yml");
    assertThat(prometheus.at("/scrape_configs/0/job_name").asString()).isEqualTo("systole");
    assertThat(prometheus.at("/scrape_configs/0/metrics_path").asString()).isEqualTo("/metrics");
    for (String query : allQueries()) {
      assertThat(found(Pattern.compile("job=\"[^\"]*\""), query))
          .allMatch("job=\"systole\""::equals);
    }
  }

  @Test
  void dashboard_panels_haveUniqueIdsPlacesAndTheVariables() throws IOException {
    JsonNode dashboard = dashboard();
    List<JsonNode> panels = dashboard.path("panels").values().stream().toList();

    assertThat(panels).extracting(panel -> panel.path("id").asInt()).doesNotHaveDuplicates();
    assertThat(panels).extracting(panel -> panel.path("gridPos")).doesNotHaveDuplicates();
    assertThat(panels.stream()
            .filter(panel -> panel.path("type").asString().equals("row"))
            .map(panel -> panel.path("title").asString()))
        .containsExactly(
            "Fleet",
            "Renewals and lateness",
            "Self-preservation and evictions",
            "Requests and latency",
            "Overload and refusals",
            "Store",
            "Peers",
            "Native cluster",
            "JVM and process");
    assertThat(dashboard.at("/templating/list").values().stream()
            .map(variable -> variable.path("name").asString()))
        .containsExactly("datasource", "instance");
    assertThat(dashboard.findValues("datasource"))
        .map(source -> source.path("uid").asString())
        .allMatch(uid -> Set.of("${datasource}", "-- Grafana --").contains(uid));
    assertThat(queriesOfDashboard())
        .allMatch(query -> query.contains("$instance")
            || query.startsWith("label_values(")
            || query.startsWith("ALERTS{"));
  }
}
