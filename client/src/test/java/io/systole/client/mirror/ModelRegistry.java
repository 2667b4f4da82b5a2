// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.systole.client.mirror.FakeApps.Request;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * A model of a registry: current instances and all changes so far. Responds like a stock server or,
 * with versions, like Systole. Guarded by its monitor.
 */
final class ModelRegistry implements FakeApps.Script {
  private static final JsonCodec CODEC = new JsonCodec();

  private final boolean isVersioned;
  private final Map<InstanceKey, InstanceInfo> held = new TreeMap<>();
  private final List<InstanceInfo> changes = new ArrayList<>();
  private final List<OutputStream> streams = new ArrayList<>();

  /** Changes before this one are no longer retained. */
  private int firstReported;

  /** A value sent in place of the true hash code. */
  private @Nullable String wrongHash;

  ModelRegistry(boolean isVersioned) {
    this.isVersioned = isVersioned;
  }

  static InstanceInfo instance(String app, String id) {
    return InstanceInfo.builder()
        .instanceId(id)
        .app(app)
        .hostName(id + ".example")
        .vipAddress(app.toLowerCase(Locale.ROOT))
        .lastUpdatedMs(1)
        .lastDirtyMs(1)
        .build();
  }

  synchronized void register(InstanceInfo instance) {
    InstanceInfo added = instance.toBuilder().actionType(ActionType.ADDED).build();
    held.put(added.key(), added);
    change(added);
  }

  void register(String app, String... ids) {
    for (String id : ids) {
      register(instance(app, id));
    }
  }

  synchronized void status(String app, String id, InstanceStatus status) {
    InstanceInfo before = Objects.requireNonNull(held.get(new InstanceKey(app, id)), id);
    InstanceInfo after = before.toBuilder()
        .status(status)
        .actionType(ActionType.MODIFIED)
        .lastUpdatedMs(before.lastUpdatedMs() + 1)
        .build();
    held.put(after.key(), after);
    change(after);
  }

  synchronized void cancel(String app, String id) {
    InstanceInfo gone = held.remove(new InstanceKey(app, id));
    if (gone != null) {
      change(gone.toBuilder().actionType(ActionType.DELETED).build());
    }
  }

  /** Restarts empty; deltas and streams no longer contain earlier changes. */
  synchronized void restartEmpty() {
    held.clear();
    discardChanges();
  }

  /** Discards the changes so far. */
  synchronized void discardChanges() {
    firstReported = changes.size();
  }

  synchronized void wrongHash(@Nullable String hash) {
    wrongHash = hash;
  }

  synchronized Collection<InstanceInfo> instances() {
    return List.copyOf(held.values());
  }

  /** Closes all streams. */
  synchronized void endStreams() throws IOException {
    for (OutputStream stream : streams) {
      stream.close();
    }
    streams.clear();
  }

  /** Sends raw text to all streams. */
  synchronized void sendToStreams(String text) {
    streams.removeIf(stream -> {
      try {
        stream.write(text.getBytes(UTF_8));
        stream.flush();
        return false;
      } catch (IOException lost) {
        return true;
      }
    });
  }

  private void change(InstanceInfo document) {
    changes.add(document);
    sendToStreams(event(changes.size()));
  }

  @Override
  public synchronized boolean response(Request request, OutputStream out) throws IOException {
    if (request.isStream() && isVersioned) {
      stream(Integer.parseInt(String.valueOf(request.header("last-event-id"))), out);
    } else if (request.isStream()) {
      FakeApps.send(out, 406, new byte[0]);
    } else if (request.isDelta()) {
      delta(request.path(), out);
    } else {
      list(held.values(), out);
    }
    return true;
  }

  private void delta(String path, OutputStream out) throws IOException {
    int from = firstReported;
    if (path.contains("since=")) {
      from = Integer.parseInt(path.substring(path.indexOf('=') + 1));
    }
    if (from < firstReported || from > changes.size()) {
      FakeApps.send(out, 410, new byte[0]);
      return;
    }
    Map<InstanceKey, InstanceInfo> latest = new TreeMap<>();
    changes.subList(from, changes.size()).forEach(change -> latest.put(change.key(), change));
    list(latest.values(), out);
  }

  private void list(Collection<InstanceInfo> instances, OutputStream out) throws IOException {
    byte[] body = gzip(document(instances, wrongHash == null ? hash() : wrongHash));
    if (isVersioned) {
      FakeApps.send(out, 200, body, "Content-Encoding: gzip", "Systole-Version: " + changes.size());
    } else {
      FakeApps.send(out, 200, body, "Content-Encoding: gzip");
    }
  }

  synchronized int version() {
    return changes.size();
  }

  synchronized String hash() {
    return AppsHashCode.of(applications(held.values()));
  }

  static byte[] document(Collection<InstanceInfo> instances, String hash) {
    return CODEC.encodeApplications(
        new Applications("1", hash, applications(instances)), Form.FULL);
  }

  static List<Application> applications(Collection<InstanceInfo> instances) {
    Map<String, List<InstanceInfo>> byApp = new TreeMap<>();
    for (InstanceInfo instance : instances) {
      byApp.computeIfAbsent(instance.app(), app -> new ArrayList<>()).add(instance);
    }
    List<Application> applications = new ArrayList<>();
    byApp.forEach((app, members) -> applications.add(new Application(app, members)));
    return applications;
  }

  static byte[] gzip(byte[] plain) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
      out.write(plain);
    }
    return packed.toByteArray();
  }

  private void stream(int version, OutputStream out) throws IOException {
    out.write("HTTP/1.1 200 X\r\nContent-Type: text/event-stream\r\n\r\n".getBytes(UTF_8));
    if (version < firstReported) {
      out.write("event: reset\ndata: {\"instances\":0}\n\n".getBytes(UTF_8));
    }
    for (int next = version + 1; next <= changes.size(); next++) {
      out.write(event(next).getBytes(UTF_8));
    }
    out.flush();
    streams.add(out);
  }

  private String event(int version) {
    byte[] document = CODEC.encodeInstance(changes.get(version - 1), Form.FULL);
    return "id: " + version + "\nevent: instance\ndata: " + new String(document, UTF_8) + "\n\n";
  }
}
