// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import io.systole.benchmarks.cluster.ClusterTables;
import io.systole.benchmarks.matrix.MatrixTables;
import io.systole.benchmarks.peers.PeersTables;
import io.systole.benchmarks.servers.CompareServersCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectMapper;

/** The table of one set of figures, generated from its raw results and their conditions. */
final class ResultTable {
  private static final String ABSENT = "*Not measured yet: `benchmarks/bin/benchmarks figures"
      + " --only %s` does it, in %d minutes at most.*\n";
  private static final ObjectMapper JSON = new ObjectMapper();

  private final FigureSet set;
  private final Path directory;

  /** @param directory of the raw results */
  ResultTable(FigureSet set, Path directory) {
    this.set = set;
    this.directory = directory;
  }

  Path rawFile() {
    return directory.resolve(set.label() + ".json");
  }

  Path conditionsFile() {
    return directory.resolve(set.label() + ".conditions.json");
  }

  /** Returns the table in Markdown with a caption of its conditions. */
  String markdown() throws IOException {
    if (!Files.exists(rawFile())) {
      return ABSENT.formatted(set.label(), set.minutesMax());
    }
    JsonNode raw = JSON.readTree(Files.readAllBytes(rawFile()));
    MachineConditions conditions =
        JSON.readValue(Files.readAllBytes(conditionsFile()), MachineConditions.class);
    String table = switch (set) {
      case LIVE, TLS -> CompareServersCommand.markdown(raw);
      case MATRIX -> MatrixTables.markdown(raw);
      case PEERS -> PeersTables.markdown(raw);
      case CLUSTER -> ClusterTables.markdown(raw);
      default -> table(JmhScore.read(raw));
    };
    return table + "\n" + caption(raw, conditions);
  }

  /** Returns the scores that are too uncertain to be published. */
  List<JmhScore> noisy() throws IOException {
    return set.isJmh()
        ? JmhScore.read(JSON.readTree(Files.readAllBytes(rawFile()))).stream()
            .filter(JmhScore::isNoisy)
            .toList()
        : List.of();
  }

  /** Returns a table with a row per method and a column per combination of parameters. */
  private static String table(List<JmhScore> scores) {
    Set<String> settings = new LinkedHashSet<>();
    Map<String, Map<String, JmhScore>> byMethod = new LinkedHashMap<>();
    for (JmhScore score : scores) {
      settings.add(score.setting());
      byMethod
          .computeIfAbsent(score.method(), method -> new LinkedHashMap<>())
          .put(score.setting(), score);
    }
    String unit = scores.isEmpty() ? "" : scores.get(0).unit();
    StringBuilder text = new StringBuilder("| ").append(unit).append(" |");
    settings.forEach(setting ->
        text.append(' ').append(setting.isEmpty() ? "score" : setting).append(" |"));
    text.append("\n|---|").append("---|".repeat(settings.size())).append('\n');
    byMethod.forEach((method, bySetting) -> {
      text.append("| ").append(method).append(" |");
      for (String setting : settings) {
        JmhScore score = bySetting.get(setting);
        text.append(' ').append(score == null ? "" : score.text()).append(" |");
      }
      text.append('\n');
    });
    return text.toString();
  }

  private String caption(JsonNode raw, MachineConditions conditions) {
    String name = rawFile().getFileName().toString();
    return "*`%s`, commit %s, %s, %s, %d cores of %s, %s. %s; raw: [%s](results/%s).*%n"
        .formatted(
            conditions.command(),
            conditions.commit(),
            conditions.jdk(),
            flags(raw),
            conditions.cores(),
            conditions.cpu(),
            conditions.startedAt(),
            set.isJmh()
                ? "Score ± error at 99.9 %" + (hasAllocation(raw) ? ", bytes allocated" : "")
                : set == FigureSet.CLUSTER
                    ? "One run of each"
                    : "Median (least–greatest) of all rounds",
            name,
            name)
        .replace(System.lineSeparator(), "\n");
  }

  private static boolean hasAllocation(JsonNode raw) {
    return raw.size() > 0 && raw.get(0).path("secondaryMetrics").size() > 0;
  }

  /** Returns the flags of the measured JVMs. */
  private String flags(JsonNode raw) {
    JsonNode flags = set.isJmh() ? raw.path(0).path("jvmArgs") : raw.path("jvmOptions");
    StringBuilder text = new StringBuilder();
    for (String flag : distinct(flags)) {
      text.append(text.length() == 0 ? "`" : " `").append(flag).append('`');
    }
    return text.toString();
  }

  /** Removes duplicates: some flags come from the launcher and from the benchmark. */
  private static Set<String> distinct(JsonNode flags) {
    Set<String> distinct = new LinkedHashSet<>();
    flags.forEach(flag -> distinct.add(flag.asString()));
    return distinct;
  }
}
