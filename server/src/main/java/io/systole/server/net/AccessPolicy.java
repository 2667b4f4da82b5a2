// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.Ascii;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.RequestHead;
import io.systole.server.metrics.Counters.Denied;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The rule against web pages that use their reader's browser to reach the node. A page of another
 * origin may change nothing (cross-site request forgery); a page whose own name was rebound to the
 * node's address may do nothing, provided that the allowed host names are configured.
 */
final class AccessPolicy {
  /*
   * Sec-Fetch-Site, where a browser sends it, decides: no script can set it, and it survives a proxy
   * that rewrites Host. `same-site` is denied like `cross-site`: ports are no part of a site, so any
   * other server on localhost, and any sibling host of the intranet, is of the same site. Browsers
   * omit it for plain HTTP to other hosts than localhost; there Origin is compared with Host. Who
   * sends neither is no browser. Where a field is repeated, each line has to be of the own site or
   * origin: a proxy in front may have read another one than the node.
   *
   * An address literal as Host can't be rebound, because no name server was asked for it; and
   * browsers resolve localhost by themselves. Both are allowed whatever is configured.
   */

  private final List<String> allowedHosts;

  /** @param allowedHosts names in lower case, without ports; empty to allow any */
  AccessPolicy(List<String> allowedHosts) {
    this.allowedHosts = List.copyOf(allowedHosts);
  }

  /**
   * Returns why the target's authority and the header fields of a request deny it, or null. Depends
   * on nothing else, so that it holds for as long as they are repeated. Allocates nothing.
   */
  @Nullable
  Denied denialBy(RequestHead head) {
    int host = head.findHeader("host");
    // RFC 9112 §3.2.2: Host is ignored when the target has an authority.
    boolean isAbsolute = head.authorityStart() >= 0;
    boolean hasHost = isAbsolute || host >= 0;
    int from = isAbsolute ? head.authorityStart() : hasHost ? head.headerValueStart(host) : 0;
    int to = isAbsolute ? head.authorityEnd() : hasHost ? head.headerValueEnd(host) : 0;
    // A request of HTTP/1.0 may have no Host; no browser sends such a one.
    if (!allowedHosts.isEmpty() && hasHost && !isHostAllowed(head.bytes(), from, to)) {
      return Denied.UNKNOWN_HOST;
    }
    if (head.findHeader("sec-fetch-site") >= 0) {
      return isOwnSite(head) ? null : Denied.CROSS_SITE;
    }
    return areOwnOrigins(head, from, to) ? null : Denied.FOREIGN_ORIGIN;
  }

  /** Whether a denial holds for this method: pages may read what they can't see the answer of. */
  static boolean appliesTo(Denied denial, HttpMethod method) {
    return switch (method) {
      case GET, HEAD, OPTIONS -> denial == Denied.UNKNOWN_HOST;
      default -> true;
    };
  }

  /** The status of the answer to a denied request. */
  static int statusOf(Denied denial) {
    return denial == Denied.UNKNOWN_HOST ? 421 : 403;
  }

  /** Whether no line of Sec-Fetch-Site is of another site. */
  private static boolean isOwnSite(RequestHead head) {
    byte[] bytes = head.bytes();
    int line = head.findHeader("sec-fetch-site");
    while (line >= 0) {
      int from = head.headerValueStart(line);
      int to = head.headerValueEnd(line);
      if (!Ascii.equalsExactly(bytes, from, to, "same-origin")
          && !Ascii.equalsExactly(bytes, from, to, "none")) {
        return false;
      }
      line = head.findHeader("sec-fetch-site", line + 1);
    }
    return true;
  }

  /** Whether no line of Origin names anything but this host and port. */
  private static boolean areOwnOrigins(RequestHead head, int hostFrom, int hostTo) {
    int line = head.findHeader("origin");
    while (line >= 0) {
      if (!isOwnOrigin(head, line, hostFrom, hostTo)) {
        return false;
      }
      line = head.findHeader("origin", line + 1);
    }
    return true;
  }

  /** Whether Origin is a scheme and the bytes of the host; browsers write both in lower case. */
  private static boolean isOwnOrigin(RequestHead head, int line, int hostFrom, int hostTo) {
    byte[] bytes = head.bytes();
    int from = head.headerValueStart(line);
    int to = head.headerValueEnd(line);
    int authority = to - (hostTo - hostFrom);
    return hostFrom < hostTo
        && authority > from
        && (Ascii.equalsExactly(bytes, from, authority, "http://")
            || Ascii.equalsExactly(bytes, from, authority, "https://"))
        && Arrays.equals(bytes, authority, to, bytes, hostFrom, hostTo);
  }

  /** Whether a host, with or without port, is an address or an allowed name. */
  private boolean isHostAllowed(byte[] bytes, int from, int hostTo) {
    int to = endOfName(bytes, from, hostTo);
    if (isAddress(bytes, from, to) || Ascii.equalsIgnoreCase(bytes, from, to, "localhost")) {
      return true;
    }
    for (int i = 0; i < allowedHosts.size(); i++) {
      if (Ascii.equalsIgnoreCase(bytes, from, to, allowedHosts.get(i))) {
        return true;
      }
    }
    return false;
  }

  /** Where a port and its colon begin, or the end. */
  private static int endOfName(byte[] bytes, int from, int to) {
    int at = to;
    while (at > from && isDigit(bytes[at - 1])) {
      at--;
    }
    return at > from && bytes[at - 1] == ':' ? at - 1 : to;
  }

  /**
   * Whether a valid host can be no name: IPv6 in brackets, or digits and dots, which browsers take
   * for an IPv4 address or refuse.
   */
  private static boolean isAddress(byte[] bytes, int from, int to) {
    if (from == to) {
      return false;
    }
    if (bytes[from] == '[') {
      return true;
    }
    int at = from;
    while (at < to && (isDigit(bytes[at]) || bytes[at] == '.')) {
      at++;
    }
    return at == to && isDigit(bytes[to - 1]);
  }

  private static boolean isDigit(byte one) {
    return one >= '0' && one <= '9';
  }
}
