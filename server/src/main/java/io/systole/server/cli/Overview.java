// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import tools.jackson.databind.JsonNode;

/** The state of a node, as {@code GET /systole/overview} reports it. Immutable. */
final class Overview {
  /** The maximum number of peers shown; {@code systole peers} lists all. */
  private static final int PEERS_MAX = 20;

  private final JsonNode document;
  private final JsonNode node;
  private final JsonNode tick;

  Overview(JsonNode document) {
    this.document = document;
    this.node = document.path("node");
    this.tick = document.path("tick");
  }

  /**
   * Returns whether self-preservation is active, the disk fails, a peer is down, or the cluster is
   * not whole.
   */
  boolean isWrong() {
    return isSelfPreserving()
        || isDiskDegraded()
        || PeersTable.down(peers()) > 0
        || isClusterPartial();
  }

  private JsonNode cluster() {
    return tick.path("cluster");
  }

  private boolean isClusterPartial() {
    return cluster().isObject()
        && (!cluster().path("isComplete").asBoolean(false)
            || cluster().path("members").size() < Fields.number(cluster(), "membersExpected"));
  }

  private boolean isSelfPreserving() {
    return tick.path("selfPreservation").path("isActive").asBoolean(false);
  }

  private boolean isDiskDegraded() {
    return tick.path("store").path("isDegraded").asBoolean(false);
  }

  private JsonNode peers() {
    return tick.path("peers");
  }

  JsonNode applications() {
    return document.path("applications");
  }

  /** Returns the escaped lines on the whole node; what is wrong is marked with {@code !}. */
  List<String> lines(String url, int width) {
    List<String> lines = new ArrayList<>();
    add(lines, false, "node", nodeText(url), width);
    add(
        lines,
        false,
        "leases",
        list(
            counted("leases"),
            "of",
            counted("applications") + " applications;",
            counted("expired"),
            "expired,",
            counted("protected"),
            "protected,",
            counted("late"),
            "late"),
        width);
    add(lines, false, "renewals", renewals(), width);
    add(lines, false, "load", load(), width);
    JsonNode preservation = tick.path("selfPreservation");
    add(
        lines,
        isSelfPreserving(),
        "self-preservation",
        Fields.text(preservation, "summary"),
        width);
    String rules = Fields.counts(tick, "protectedByRule");
    if (!rules.isEmpty()) {
      add(lines, false, "protected by rule", rules, width);
    }
    addStore(lines, width);
    addCluster(lines, width);
    addPeers(lines, width);
    return lines;
  }

  private String renewals() {
    return rate("renewalsPerSecond")
        + Fields.number(tick.path("selfPreservation"), "renewalsObserved")
        + " in the last minute, delayed by " + delay("delayP50Ms") + " (median), "
        + delay("delayP99Ms") + " (99th percentile)";
  }

  private String requests() {
    String rate = rate("requestsPerSecond");
    return rate.isEmpty() ? "" : "requests " + rate;
  }

  /** Returns a rate per second, empty if the node has not measured it yet. */
  private String rate(String name) {
    String rate = Fields.decimal(tick, name);
    return rate.isEmpty() ? "" : rate + "/s, ";
  }

  private String counted(String name) {
    return Long.toString(Fields.number(tick, name));
  }

  private String delay(String name) {
    String delay = Fields.duration(tick, name);
    return delay.isEmpty() ? "-" : delay;
  }

  private static String list(String... words) {
    return String.join(" ", words);
  }

  private String nodeText(String url) {
    StringJoiner text = new StringJoiner(", ");
    text.add("systole " + Fields.text(node, "version"));
    text.add(url);
    String host = Fields.text(node, "host");
    if (!host.isEmpty()) {
      text.add("host " + host);
    }
    String pid = Fields.text(node, "pid");
    if (!pid.isEmpty()) {
      text.add("pid " + pid);
    }
    long startedMs = Fields.number(node, "startedAtMs");
    long atMs = Fields.number(tick, "atMs");
    if (startedMs > 0 && atMs >= startedMs) {
      text.add("running for " + Fields.duration(atMs - startedMs));
    }
    return text.toString();
  }

  private String load() {
    return list(
        requests() + counted("connections"),
        "connections, loop lag",
        counted("loopLagMs"),
        "ms, heap",
        Fields.mebibytes(tick, "heapUsedBytes"),
        "of",
        Fields.mebibytes(tick, "heapMaxBytes"),
        "MiB,",
        counted("openFiles"),
        "open files");
  }

  private void addStore(List<String> lines, int width) {
    if (isDiskDegraded()) {
      add(lines, true, "disk", Fields.text(tick.path("store"), "reason"), width);
    }
    JsonNode reads = tick.path("reads");
    if (reads.path("isWaiting").asBoolean(false)) {
      long untilMs = Fields.number(reads, "untilMs");
      add(
          lines,
          false,
          "reads",
          untilMs > 0 ? "refused until " + Instant.ofEpochMilli(untilMs) : "refused",
          width);
    }
  }

  private void addCluster(List<String> lines, int width) {
    if (cluster().isObject()) {
      boolean isComplete = cluster().path("isComplete").asBoolean(false);
      add(
          lines,
          isClusterPartial(),
          "cluster",
          Fields.text(cluster(), "name") + ", " + cluster().path("members").size() + " of "
              + Fields.number(cluster(), "membersExpected") + " members in view, "
              + (isComplete ? "complete" : "the registry has not arrived"),
          width);
    }
  }

  private void addPeers(List<String> lines, int width) {
    if (peers().isEmpty()) {
      return;
    }
    int down = PeersTable.down(peers());
    add(lines, down > 0, "peers", down + " of " + peers().size() + " down", width);
    lines.add("");
    TextTable table = PeersTable.of(peers(), PEERS_MAX);
    lines.addAll(table.lines(width));
    if (table.rowCount() < peers().size()) {
      lines.add("… " + (peers().size() - table.rowCount()) + " more, systole peers");
    }
  }

  private static void add(
      List<String> lines, boolean isWrong, String name, String text, int width) {
    String label = (isWrong ? "! " : "  ") + name;
    lines.addAll(WrappedText.lines(label + " ".repeat(21 - label.length()), text, width));
  }
}
