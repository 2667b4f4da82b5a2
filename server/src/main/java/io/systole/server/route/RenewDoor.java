// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import io.systole.protocol.http.Ascii;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.RequestHead;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The busy route, decided from bytes: {@code PUT <prefix>/apps/<app>/<id>}, from a client, with
 * nothing in it that needs decoding. Whatever is less plain than that takes the {@link Router} to
 * the same semantics.
 */
public final class RenewDoor {
  /** The header by which a single request says that a peer sent it (spec §1.6). */
  public static final String REPLICATION_HEADER = "x-netflix-discovery-replication";

  private static final byte[] STATUS = ascii("status=");
  private static final byte[] TIMESTAMP = ascii("lastDirtyTimestamp=");

  private final byte[][] prefixes;

  /** @param prefixes base paths such as {@code /v2}, without a slash at the end */
  public RenewDoor(List<String> prefixes) {
    this.prefixes =
        prefixes.stream().map(prefix -> ascii(prefix + "/apps/")).toArray(byte[][]::new);
  }

  /** Fills the target and returns true when this is a plain heartbeat of a client. */
  public boolean admits(RequestHead head, RenewTarget target) {
    // For every request: headersRepeated speaks of the request before, whatever that one was.
    if (!head.headersRepeated()) {
      target.isFromPeer = head.headerIs(REPLICATION_HEADER, "true");
    }
    if (head.method() != HttpMethod.PUT) {
      return false;
    }
    byte[] bytes = head.bytes();
    int appFrom = afterPrefix(bytes, head.pathStart(), head.pathEnd());
    return appFrom >= 0
        && !target.isFromPeer
        && readPath(bytes, appFrom, head.pathEnd(), target)
        && readQuery(bytes, head.queryStart(), head.queryEnd(), target);
  }

  private int afterPrefix(byte[] bytes, int from, int to) {
    for (byte[] prefix : prefixes) {
      int end = from + prefix.length;
      if (end < to && Arrays.equals(bytes, from, end, prefix, 0, prefix.length)) {
        return end;
      }
    }
    return -1;
  }

  /** Two segments that mean what they spell; one slash may follow them. */
  private static boolean readPath(byte[] bytes, int appFrom, int pathEnd, RenewTarget target) {
    int idTo = bytes[pathEnd - 1] == '/' ? pathEnd - 1 : pathEnd;
    int slash = -1;
    for (int i = appFrom; i < idTo; i++) {
      byte b = bytes[i];
      if (b == '/') {
        if (slash >= 0) {
          return false;
        }
        slash = i;
      } else if (b == '%' || b == ';') {
        return false;
      }
    }
    if (slash <= appFrom || slash == idTo - 1) {
      return false;
    }
    target.bytes = bytes;
    target.appFrom = appFrom;
    target.slash = slash;
    target.idTo = idTo;
    return true;
  }

  /**
   * Nothing, or each of {@code status} and {@code lastDirtyTimestamp} at most once, undecorated.
   */
  private static boolean readQuery(byte[] bytes, int from, int to, RenewTarget target) {
    target.hasTimestamp = false;
    int at = from;
    while (at < to) {
      int end = endOfParameter(bytes, at, to);
      if (startsWith(bytes, at, end, TIMESTAMP)) {
        if (target.hasTimestamp) {
          return false;
        }
        target.timestampMs = Ascii.parseDecimal(bytes, at + TIMESTAMP.length, end);
        target.hasTimestamp = target.timestampMs >= 0;
        if (!target.hasTimestamp) {
          return false;
        }
      } else if (!startsWith(bytes, at, end, STATUS)) {
        return false;
      }
      at = end + 1;
    }
    return true;
  }

  private static int endOfParameter(byte[] bytes, int from, int to) {
    int at = from;
    while (at < to && bytes[at] != '&') {
      at++;
    }
    return at;
  }

  private static boolean startsWith(byte[] bytes, int from, int to, byte[] prefix) {
    int end = from + prefix.length;
    return end <= to && Arrays.equals(bytes, from, end, prefix, 0, prefix.length);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
