// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.http.PathSegments;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** The encoding of the instance-specific bytes in a session's requests. */
final class RequestTarget {
  /*
   *   DEMO/h1:demo:8080 1795206403391
   *   |     path       |  timestamp  |
   *   DEMO
   */

  /** Limit of the encoded path. */
  static final int PATH_BYTES_MAX = 8000;

  /** The query up to the timestamp, for each status. */
  private static final Map<InstanceStatus, byte[]> QUERIES = queries();

  private RequestTarget() {}

  /**
   * Returns {@code APP/id}, percent-encoded, without a timestamp.
   *
   * @throws IllegalArgumentException if application or id is empty, or the result too long
   */
  static byte[] path(InstanceInfo instance) {
    String app = instance.app();
    String id = instance.id();
    if (app.isEmpty() || id.isEmpty()) {
      throw new IllegalArgumentException(
          "application and id must not be empty: app='" + app + "' id='" + id + "'");
    }
    String path = PathSegments.encode(app) + "/" + PathSegments.encode(id);
    if (path.length() > PATH_BYTES_MAX) {
      throw new IllegalArgumentException(
          "encoded application and id take " + path.length() + " bytes, at most " + PATH_BYTES_MAX);
    }
    return ascii(path);
  }

  /** Returns the length of the application in a path; the slash of an id is encoded. */
  static int appBytes(byte[] path) {
    int length = 0;
    while (path[length] != '/') {
      length++;
    }
    return length;
  }

  /** Returns a target with the same path and this timestamp. */
  static byte[] withTimestamp(byte[] target, int pathBytes, long lastDirtyMs) {
    byte[] digits = ascii(Long.toString(lastDirtyMs));
    byte[] bytes = Arrays.copyOf(target, pathBytes + digits.length);
    System.arraycopy(digits, 0, bytes, pathBytes, digits.length);
    return bytes;
  }

  /** Returns the query up to the timestamp, shared by all sessions of one status. */
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

  static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
