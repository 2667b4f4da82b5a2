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
   * sends neither is no browser.
   *
   * An address literal as Host can't be rebound, because no name server was asked for it; and
   * browsers resolve localhost by themselves. Both are allowed whatever is configured.
   */

  private static final String SCHEME_END = "://";

  private final List<String> allowedHosts;

  /** @param allowedHosts names in lower case, without ports; empty to allow any */
  AccessPolicy(List<String> allowedHosts) {
    this.allowedHosts = List.copyOf(allowedHosts);
  }

  /**
   * Returns why the header fields of a request deny it, or null. Depends on nothing but the header
   * fields, so that it holds for as long as they are repeated. Allocates nothing.
   */
  @Nullable
  Denied denialBy(RequestHead head) {
    if (!allowedHosts.isEmpty() && !isHostAllowed(head)) {
      return Denied.UNKNOWN_HOST;
    }
    if (head.findHeader("sec-fetch-site") >= 0) {
      boolean isOwn =
          head.headerIs("sec-fetch-site", "same-origin") || head.headerIs("sec-fetch-site", "none");
      return isOwn ? null : Denied.CROSS_SITE;
    }
    int origin = head.findHeader("origin");
    return origin < 0 || isOwnOrigin(head, origin) ? null : Denied.FOREIGN_ORIGIN;
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

  /** Whether Origin is a scheme and the bytes of Host; browsers write both in lower case. */
  private static boolean isOwnOrigin(RequestHead head, int origin) {
    int host = head.findHeader("host");
    if (host < 0) {
      return false;
    }
    byte[] bytes = head.bytes();
    int hostFrom = head.headerValueStart(host);
    int hostTo = head.headerValueEnd(host);
    int from = head.headerValueStart(origin);
    int to = head.headerValueEnd(origin);
    int authority = to - (hostTo - hostFrom);
    int scheme = authority - SCHEME_END.length();
    return hostFrom < hostTo
        && scheme > from
        && Ascii.equalsExactly(bytes, scheme, authority, SCHEME_END)
        && Arrays.equals(bytes, authority, to, bytes, hostFrom, hostTo);
  }

  /** A request of HTTP/1.0 may have no Host; no browser sends such a one. */
  private boolean isHostAllowed(RequestHead head) {
    int host = head.findHeader("host");
    if (host < 0) {
      return true;
    }
    byte[] bytes = head.bytes();
    int from = head.headerValueStart(host);
    int to = endOfName(bytes, from, head.headerValueEnd(host));
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
   * Whether a host can be no name: IPv6 in brackets, or digits and dots, which browsers take for an
   * IPv4 address or refuse.
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
