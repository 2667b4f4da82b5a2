// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.http.PathSegments;
import io.systole.protocol.model.InstanceStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/**
 * The heartbeat as bytes (spec §2.1). A session holds only what no other session has, its
 * {@link Target}; the rest is held here once and written by copy.
 */
public final class HeartbeatEncoder {
  /*
   *   PUT /v2/apps/ DEMO/h1:demo:8080 ?status=UP&lastDirtyTimestamp= 1795206403391  HTTP/1.1..Host: ..
   *   |   shared   |  target, path   |      one per status          | target, rest |    shared
   *                 DEMO
   *                 appBytes
   *
   * Content-Length: 0 is said, for PUT gives a body a meaning (RFC 9110 §8.6).
   */

  /** Bytes of an application and an id together, encoded. */
  static final int PATH_BYTES_MAX = 8000;

  /**
   * The path that differs between instances.
   *
   * @param path {@code APP/id}, percent-encoded, ASCII
   * @param appBytes bytes of the application, before the slash
   */
  record Target(String path, int appBytes) {}

  /** The query up to the digits, for each status. */
  private static final Map<InstanceStatus, byte[]> QUERIES = queries();

  private final byte[] start;
  private final byte[] end;

  /**
   * Makes the shape of all heartbeats to one server.
   *
   * @param basePath path before {@code /apps}, no slash at its end
   * @param headers whole header lines that every request carries
   */
  public HeartbeatEncoder(String basePath, String headers) {
    start = ascii("PUT " + basePath + "/apps/");
    end = ascii(" HTTP/1.1\r\n" + headers + "Content-Length: 0\r\n\r\n");
  }

  /** Appends the heartbeat of a session. */
  public void write(Session session, FrameBuffer out) {
    out.reserve(length(session));
    append(session, out);
  }

  /**
   * Appends the heartbeats of several sessions, the first ones of an array. The pass over them that
   * measures the frames fetches their parts from memory side by side; one that also copied would
   * wait for each in turn.
   */
  public void write(Session[] sessions, int count, FrameBuffer out) {
    int size = 0;
    for (int each = 0; each < count; each++) {
      size += length(sessions[each]);
    }
    out.reserve(size);
    for (int each = 0; each < count; each++) {
      append(sessions[each], out);
    }
  }

  private int length(Session session) {
    return start.length + session.target.length + session.query.length + end.length;
  }

  private void append(Session session, FrameBuffer out) {
    byte[] target = session.target;
    int pathBytes = session.pathBytes;
    byte[] query = session.query;
    out.append(start);
    out.append(target, 0, pathBytes);
    out.append(query);
    out.append(target, pathBytes, target.length - pathBytes);
    out.append(end);
  }

  /** Returns the shared stretch between path and digits. */
  static byte[] query(InstanceStatus status) {
    return Objects.requireNonNull(QUERIES.get(status));
  }

  private static Map<InstanceStatus, byte[]> queries() {
    Map<InstanceStatus, byte[]> queries = new EnumMap<>(InstanceStatus.class);
    for (InstanceStatus status : InstanceStatus.values()) {
      queries.put(status, ascii("?status=" + status + "&lastDirtyTimestamp="));
    }
    return queries;
  }

  /** Returns the target of an instance. */
  static Target target(String app, String id) {
    if (app.isEmpty() || id.isEmpty()) {
      throw new IllegalArgumentException(
          "an instance needs application and id, got app='" + app + "' id='" + id + "'");
    }
    String encodedApp = PathSegments.encode(app);
    String path = encodedApp + "/" + PathSegments.encode(id);
    if (path.length() > PATH_BYTES_MAX) {
      throw new IllegalArgumentException("app and id of an instance take " + path.length()
          + " bytes of at most " + PATH_BYTES_MAX);
    }
    return new Target(path, encodedApp.length());
  }

  /** Returns a target with the same path and other digits. */
  static byte[] withTimestamp(byte[] target, int pathBytes, long lastDirtyMs) {
    byte[] digits = ascii(Long.toString(lastDirtyMs));
    byte[] bytes = Arrays.copyOf(target, pathBytes + digits.length);
    System.arraycopy(digits, 0, bytes, pathBytes, digits.length);
    return bytes;
  }

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
