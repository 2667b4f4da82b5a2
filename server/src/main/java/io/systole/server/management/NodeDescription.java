// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The node, its process and its configuration at a point in time.
 *
 * @param version the release
 * @param revision the commit it was built from; null if unknown
 * @param runId the id of this run
 * @param startedAtMs wall clock, epoch ms
 * @param host the name of the machine
 * @param managementAddress equal to {@code mainAddress} if there is only one
 * @param dataDirectory null if leases are held in memory only
 * @param restoreMs the duration of the restore
 * @param openFiles file descriptors in use; -1 if unknown
 * @param openFilesMax the limit of the process; -1 if unknown or unlimited
 * @param options those that are not at their default
 */
public record NodeDescription(
    String version,
    @Nullable String revision,
    String runId,
    long startedAtMs,
    long uptimeMs,
    long pid,
    String host,
    JvmDescription jvm,
    String mainAddress,
    String managementAddress,
    List<String> basePaths,
    @Nullable String dataDirectory,
    String transport,
    int eventLoops,
    int restoredLeases,
    long restoreMs,
    long openFiles,
    long openFilesMax,
    boolean isManaged,
    List<ShownOption> options) {

  /**
   * The JVM.
   *
   * @param directBytes memory outside the heap, of the JVM's and Netty's buffers
   */
  public record JvmDescription(
      String version, String vendor, long heapUsedBytes, long heapMaxBytes, long directBytes) {}

  /**
   * An option.
   *
   * @param value without credentials
   * @param source the flag, variable or key in a file that sets it
   */
  public record ShownOption(String name, String value, String source) {}

  /** Adds the addresses and the base paths. */
  public void putPaths(ObjectNode document) {
    document.putObject("addresses").put("main", mainAddress).put("management", managementAddress);
    ArrayNode paths = document.putArray("basePaths");
    basePaths.forEach(paths::add);
  }

  /** Adds the options. */
  public void putOptions(ObjectNode document) {
    ArrayNode shown = document.putArray("options");
    options.forEach(option -> shown
        .addObject()
        .put("name", option.name())
        .put("value", option.value())
        .put("source", option.source()));
  }
}
