// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.consistency;

import io.systole.loadtest.consistency.ConsistencyReport.ServerSummary;
import io.systole.loadtest.consistency.InstanceDifference.MemberDifference;
import io.systole.loadtest.read.RegistryClient;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A comparison of the full registries of several servers. Not thread-safe. */
public final class ConsistencyCheck {
  /** The servers are named by letters. */
  public static final int SERVERS_MAX = 26;

  /** An absent timestamp must be the same at all servers. */
  private static final long ABSENT_MS = 0;

  private final JsonCodec codec = new JsonCodec();
  private final List<RegistryClient> servers;

  /**
   * Creates a comparison.
   *
   * @param services service URLs, 2..26
   * @throws IllegalArgumentException if there are fewer or more
   */
  public ConsistencyCheck(List<URI> services) {
    if (services.size() < 2 || services.size() > SERVERS_MAX) {
      throw new IllegalArgumentException(
          "compares 2.." + SERVERS_MAX + " servers, got " + services.size());
    }
    servers = services.stream().map(RegistryClient::new).toList();
  }

  /**
   * Reads all registries, one after the other, and compares them. Changes between the reads appear
   * as differences.
   *
   * @param differencesMax limit of the reported differences; all are counted
   * @throws IOException naming the server that cannot be read
   */
  public ConsistencyReport run(int differencesMax) throws IOException, InterruptedException {
    Map<InstanceKey, @Nullable InstanceInfo[]> copies = new HashMap<>();
    List<ServerSummary> summaries = new ArrayList<>();
    for (int server = 0; server < servers.size(); server++) {
      summaries.add(read(server, copies));
    }
    List<InstanceKey> differing = new ArrayList<>();
    int missing = 0;
    for (Map.Entry<InstanceKey, @Nullable InstanceInfo[]> entry : copies.entrySet()) {
      if (!isSame(entry.getValue())) {
        differing.add(entry.getKey());
        missing += Arrays.asList(entry.getValue()).contains(null) ? 1 : 0;
      }
    }
    List<InstanceDifference> differences = differing.stream()
        .sorted()
        .limit(differencesMax)
        .map(key -> difference(key, Objects.requireNonNull(copies.get(key))))
        .toList();
    return new ConsistencyReport(summaries, copies.size(), differing.size(), missing, differences);
  }

  private ServerSummary read(int server, Map<InstanceKey, @Nullable InstanceInfo[]> copies)
      throws IOException, InterruptedException {
    RegistryClient client = servers.get(server);
    var counts = new Object() {
      int instances;
      int duplicates;
      int incomplete;
    };
    try (InputStream body = client.open("/apps")) {
      int malformed = codec.decodeInstances(body, ABSENT_MS, instance -> {
        if (instance.app().isEmpty() || instance.id().isEmpty()) {
          counts.incomplete++;
        } else {
          counts.instances++;
          counts.duplicates += add(server, instance, copies) ? 0 : 1;
        }
      });
      return new ServerSummary(
          name(server),
          client.address(),
          counts.instances,
          counts.duplicates,
          malformed + counts.incomplete);
    } catch (IOException | UncheckedIOException | MalformedDocumentException e) {
      throw unreadable(client, e);
    }
  }

  private static IOException unreadable(RegistryClient client, Exception cause) {
    String reason = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new IOException(
        "cannot read the registry of " + client.address() + ": " + reason, cause);
  }

  /**
   * Adds a server's copy; one that equals another server's copy is replaced by it. Returns false if
   * the server had a copy already.
   */
  private boolean add(
      int server, InstanceInfo instance, Map<InstanceKey, @Nullable InstanceInfo[]> copies) {
    @Nullable
    InstanceInfo[] all =
        copies.computeIfAbsent(instance.key(), key -> new @Nullable InstanceInfo[servers.size()]);
    InstanceInfo shared = instance;
    for (int other = 0; other < server; other++) {
      InstanceInfo copy = all[other];
      if (copy != null && ComparedMember.allEqual(copy, instance)) {
        shared = copy;
      }
    }
    boolean isFirst = all[server] == null;
    all[server] = shared;
    return isFirst;
  }

  @SuppressWarnings("ReferenceEquality") // Equal copies are the same object.
  private static boolean isSame(@Nullable InstanceInfo[] copies) {
    for (InstanceInfo copy : copies) {
      if (copy == null || copy != copies[0]) {
        return false;
      }
    }
    return true;
  }

  private static InstanceDifference difference(InstanceKey key, @Nullable InstanceInfo[] copies) {
    List<String> missingAt = new ArrayList<>();
    Map<String, InstanceInfo> present = new LinkedHashMap<>();
    for (int server = 0; server < copies.length; server++) {
      InstanceInfo copy = copies[server];
      if (copy == null) {
        missingAt.add(name(server));
      } else {
        present.put(name(server), copy);
      }
    }
    List<MemberDifference> members = new ArrayList<>();
    for (ComparedMember member : ComparedMember.of(List.copyOf(present.values()))) {
      Map<String, String> values = new LinkedHashMap<>();
      present.forEach((server, copy) -> {
        Object value = member.value().apply(copy);
        values.put(server, value == null ? null : value.toString());
      });
      if (values.values().stream().distinct().count() > 1) {
        members.add(new MemberDifference(member.name(), values));
      }
    }
    return new InstanceDifference(key.app(), key.id(), missingAt, members);
  }

  private static String name(int server) {
    return String.valueOf((char) ('A' + server));
  }
}
