// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * The conditions of a soak, which are written with its results.
 *
 * @param jvmFlags of the node
 * @param options of the node
 */
record SoakReport(int seconds, long seed, int rounds, List<String> jvmFlags, List<String> options) {
  /**
   * Writes a JSON file.
   *
   * @param renewals lines of text
   * @param attacks lines of text
   */
  void write(
      Path file,
      ResourceHistory history,
      List<String> renewals,
      List<String> attacks,
      List<String> faults)
      throws IOException {
    Map<String, Object> report = new LinkedHashMap<>();
    report.put("endedAt", Instant.now().toString());
    report.put("seconds", seconds);
    report.put("seed", seed);
    report.put("rounds", rounds);
    report.put("java", System.getProperty("java.vm.version"));
    report.put("cores", Runtime.getRuntime().availableProcessors());
    report.put("loadAverage", ManagementFactory.getOperatingSystemMXBean().getSystemLoadAverage());
    report.put("jvmFlags", jvmFlags);
    report.put("options", options);
    report.put("faults", faults);
    report.put("renewals", renewals);
    report.put("attacks", attacks);
    report.put("samples", history.samples());
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(
        file, new JsonMapper().writerWithDefaultPrettyPrinter().writeValueAsString(report));
  }
}
