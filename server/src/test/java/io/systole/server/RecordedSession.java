// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A sequence of recorded exchanges, each based on the state left by those before it.
 * {@code sessions.txt} describes its syntax.
 *
 * @param options options of the node
 */
record RecordedSession(String name, Map<String, String> options, List<String> steps) {
  /**
   * A replayed exchange.
   *
   * @param due expected statuses if no response was recorded: that of the response, then of its
   *     items
   */
  record Replay(RecordedExchange exchange, List<Integer> due, LiveNode.NodeResponse response) {}

  static List<RecordedSession> all() {
    List<RecordedSession> sessions = new ArrayList<>();
    try {
      for (String line : Files.readAllLines(RecordedExchange.directory().resolve("sessions.txt"))) {
        if (line.startsWith("[")) {
          sessions.add(begun(line.substring(1, line.length() - 1)));
        } else if (!line.startsWith("#") && !line.isBlank()) {
          sessions.get(sessions.size() - 1).steps.addAll(List.of(line.split(" ", -1)));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return sessions;
  }

  private static RecordedSession begun(String title) {
    String[] parts = title.split(" --", -1);
    Map<String, String> options = new HashMap<>();
    Arrays.stream(parts).skip(1).forEach(option -> {
      String[] pair = option.split("=", -1);
      options.put("--" + pair[0], pair[1]);
    });
    return new RecordedSession(parts[0], options, new ArrayList<>());
  }

  /** Replays the exchanges; returns those to be compared, by name. */
  Map<String, Replay> replay(Map<String, RecordedExchange> recorded) throws IOException {
    Map<String, Replay> replays = new TreeMap<>();
    try (LiveNode node = LiveNode.start(options)) {
      for (String step : steps) {
        if (!prepare(step, node, recorded)) {
          String[] parts = step.split("[:,]", -1);
          RecordedExchange exchange = RecordedExchange.named(parts[0], recorded);
          List<Integer> due = Arrays.stream(parts).skip(1).map(Integer::valueOf).toList();
          LiveNode.NodeResponse response = node.exchange(exchange.bytes(recorded));
          replays.put(exchange.name(), new Replay(exchange, due, response));
        }
      }
    }
    return replays;
  }

  /** Runs a step that only changes the state; returns false for others. */
  private static boolean prepare(String step, LiveNode node, Map<String, RecordedExchange> recorded)
      throws IOException {
    String rest = step.substring(1);
    switch (step.charAt(0)) {
      case '+' -> node.exchange(registration(rest));
      case '=' -> node.exchange(bare("PUT", rest));
      case '-' -> node.exchange(bare("DELETE", rest));
      case '~' -> node.passTime(Long.parseLong(rest));
      case '(' ->
        node.exchange(RecordedExchange.named(rest.substring(0, rest.length() - 1), recorded)
            .bytes(recorded));
      default -> {
        if (!step.equals("evict")) {
          return false;
        }
        node.server.evictor().run();
      }
    }
    return true;
  }

  private static byte[] bare(String method, String instance) {
    return (method + " /eureka/apps/" + instance
            + " HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n")
        .getBytes(StandardCharsets.US_ASCII);
  }

  /** Short leases were recorded with an instance that renews every second. */
  private static byte[] registration(String step) {
    String[] parts = step.split("[/*]", -1);
    String document = PlainInstance.of(parts[0], parts[1]);
    if (parts.length > 2) {
      document = document
          .replace("InSecs\":30", "InSecs\":1")
          .replace("InSecs\":90", "InSecs\":" + parts[2]);
    }
    return ("POST /eureka/apps/" + parts[0] + " HTTP/1.1\r\nHost: localhost\r\n"
            + "Content-Type: application/json\r\nContent-Length: " + document.length() + "\r\n\r\n"
            + document)
        .getBytes(StandardCharsets.US_ASCII);
  }
}
