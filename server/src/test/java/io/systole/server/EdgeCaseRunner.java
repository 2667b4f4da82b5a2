// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** Runs the steps of an {@link EdgeCase} against a node and checks the results. */
final class EdgeCaseRunner {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String INSTANCE = "apps/DEMO/h1:demo:8080";

  private final LiveNode node;

  EdgeCaseRunner(LiveNode node) {
    this.node = node;
  }

  void run(String step) throws IOException {
    String[] words = step.split(" ", 2);
    switch (words[0]) {
      case "I" -> request("POST apps/DEMO -> 204");
      case "evict" -> assertThat(evicted()).as(step).isEqualTo(Integer.parseInt(words[1]));
      case "minute" -> node.server.rate().endMinute();
      case "expected" ->
        assertThat(node.server.evictor().selfPreservation().clientsExpected())
            .as(step)
            .isEqualTo(Integer.parseInt(words[1]));
      case "threshold" ->
        assertThat(node.server.evictor().selfPreservation().threshold())
            .as(step)
            .isEqualTo(Long.parseLong(words[1]));
      case "renewals" ->
        assertThat(node.server.registry().renewal().count())
            .as(step)
            .isEqualTo(Integer.parseInt(words[1]));
      case "leases" ->
        assertThat(node.server.registry().leaseCount())
            .as(step)
            .isEqualTo(Integer.parseInt(words[1]));
      case "wire" -> wire(words[1]);
      case "GET", "PUT", "POST", "DELETE" -> request(step);
      default -> {
        assertThat(step).as("a step of the language").matches("~\\d+");
        node.passTime(Long.parseLong(step.substring(1)));
      }
    }
  }

  private int evicted() {
    node.server.evictor().run();
    return node.server.evictor().lastRun().evicted();
  }

  private void wire(String step) throws IOException {
    String[] sides = step.replace("@", INSTANCE).split(" -> ", -1);
    List<Integer> due =
        Arrays.stream(sides[1].split(" ", -1)).map(Integer::valueOf).toList();

    assertThat(node.statuses(sides[0].replace("\\", "\r\n"))).as(step).isEqualTo(due);
  }

  private void request(String step) throws IOException {
    String[] sides = step.split(" -> ", -1);
    LiveNode.NodeResponse response = node.exchange(bytes(sides[0]));
    String[] due = sides[1].split(" ", 3);
    String body = response.text();

    assertThat(response.status())
        .as("%s, with body: %s", step, body)
        .isEqualTo(Integer.parseInt(due[0]));
    assertThat(response.isGzipped()).as(step).isFalse();
    switch (due.length < 2 ? "" : due[1]) {
      case "=" -> assertThat(body).as(step).isEqualTo(due[2].replace('\\', '\n'));
      case "~" -> assertThat(body).as(step).contains(due[2]);
      case "!" -> assertThat(body).as(step).isNotEmpty().doesNotContain(due[2]);
      default -> {
        assertThat(body).as(step).isEmpty();
        assertThat(response.type()).as(step).isNull();
      }
    }
  }

  private static byte[] bytes(String request) {
    String[] parts = request.split(" \\| ?", -1);
    String[] line = parts[0].replace("@", INSTANCE).split(" ", -1);
    boolean isRegistration = line[0].equals("POST") && line[1].startsWith("apps/");
    byte[] body = isRegistration ? patched(line[1], "{}") : new byte[0];
    List<String> headers = new ArrayList<>(List.of("Host: localhost", "Connection: close"));
    if (line[0].equals("POST")) {
      headers.add("Content-Type: application/json");
    }
    for (String part : Arrays.asList(parts).subList(1, parts.length)) {
      String[] words = part.split(" ", 2);
      switch (words[0]) {
        case "json" -> headers.add("Accept: application/json");
        case "peer" -> headers.add("x-netflix-discovery-replication: true");
        case "patch" -> body = patched(line[1], words[1]);
        case "raw" -> body = words.length < 2 ? new byte[0] : utf8(words[1]);
        case "gzip" -> body = packed(body);
        default -> replace(headers, part);
      }
    }
    headers.add("Content-Length: " + body.length);
    String path = line[1].startsWith("/") ? line[1] : "/eureka/" + line[1];
    String head =
        line[0] + " " + path + " HTTP/1.1\r\n" + String.join("\r\n", headers) + "\r\n\r\n";
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(utf8(head));
    out.writeBytes(body);
    return out.toByteArray();
  }

  /** An empty value removes the default header. */
  private static void replace(List<String> headers, String header) {
    String name = header.substring(0, header.indexOf(':') + 1).toLowerCase(Locale.ROOT);
    headers.removeIf(other -> other.toLowerCase(Locale.ROOT).startsWith(name));
    if (!header.strip().endsWith(":")) {
      headers.add(header);
    }
  }

  /** Returns the plain instance in the path's application, with members replaced or removed. */
  private static byte[] patched(String path, String patch) {
    ObjectNode document =
        (ObjectNode) JSON.readTree(PlainInstance.of(path.split("/", -1)[1], "h1:demo:8080"));
    ObjectNode instance = (ObjectNode) document.get("instance");
    JSON.readTree(patch).properties().forEach(member -> {
      JsonNode value = member.getValue();
      if (value.isNull()) {
        instance.remove(member.getKey());
      } else {
        instance.set(member.getKey(), value);
      }
    });
    return utf8(document.toString());
  }

  private static byte[] packed(byte[] body) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
