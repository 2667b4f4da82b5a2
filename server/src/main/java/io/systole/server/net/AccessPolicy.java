// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.Ascii;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.RequestHead;
import io.systole.server.metrics.Counters.AuthFailure;
import io.systole.server.metrics.Counters.Denied;
import io.systole.server.route.Response;
import java.net.SocketAddress;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The policy against requests that a web page makes through a user's browser, and against
 * replication requests of servers that are not peers. Requests from another origin that could
 * change state are denied (cross-site request forgery). If allowed host names are configured,
 * requests with any other host name are denied (DNS rebinding).
 */
final class AccessPolicy {
  /*
   * Sec-Fetch-Site is decisive where a browser sends it: scripts can't set it, and it survives a
   * proxy that rewrites Host. `same-site` is denied like `cross-site`: a site does not include the
   * port, so any other server on localhost, and any sibling host of the intranet, is of the same
   * site. Browsers omit it for plain HTTP to hosts other than localhost; then Origin is compared
   * with Host. A client that sends neither is not a browser. Where a field is repeated, every line
   * must match, as a proxy may have evaluated a different one.
   *
   * An address literal as Host can't be rebound, since no name server is involved, and browsers
   * resolve localhost themselves. Both are always allowed.
   */

  private final List<String> allowedHosts;
  private final List<AddressBlock> allowedPeers;

  /**
   * @param allowedHosts lower-case names without ports; empty to allow any
   * @param allowedPeers source addresses of replication requests; empty to allow any
   */
  AccessPolicy(List<String> allowedHosts, List<AddressBlock> allowedPeers) {
    this.allowedHosts = List.copyOf(allowedHosts);
    this.allowedPeers = List.copyOf(allowedPeers);
  }

  /**
   * Returns whether replication requests from this address are allowed.
   *
   * @param sender the remote address, or null if unknown
   */
  boolean isPeer(@Nullable SocketAddress sender) {
    return allowedPeers.isEmpty()
        || allowedPeers.stream().anyMatch(block -> block.contains(sender));
  }

  /**
   * Returns the reason to deny a request, or null. Depends only on the target's authority and the
   * header fields, so the result may be reused while they repeat. Allocates nothing.
   */
  @Nullable
  Denied denialBy(RequestHead head) {
    int host = head.findHeader("host");
    // RFC 9112 §3.2.2: Host is ignored when the target has an authority.
    boolean isAbsolute = head.authorityStart() >= 0;
    boolean hasHost = isAbsolute || host >= 0;
    int from = isAbsolute ? head.authorityStart() : hasHost ? head.headerValueStart(host) : 0;
    int to = isAbsolute ? head.authorityEnd() : hasHost ? head.headerValueEnd(host) : 0;
    // An HTTP/1.0 request may have no Host; browsers don't send such requests.
    if (!allowedHosts.isEmpty() && hasHost && !isHostAllowed(head.bytes(), from, to)) {
      return Denied.UNKNOWN_HOST;
    }
    if (head.findHeader("sec-fetch-site") >= 0) {
      return isOwnSite(head) ? null : Denied.CROSS_SITE;
    }
    return areOwnOrigins(head, from, to) ? null : Denied.FOREIGN_ORIGIN;
  }

  /**
   * Returns whether a denial applies to this method. Safe methods are denied only for an unknown
   * host: a browser withholds the response from a page of another origin.
   */
  static boolean appliesTo(Denied denial, HttpMethod method) {
    return switch (method) {
      case GET, HEAD, OPTIONS -> denial == Denied.UNKNOWN_HOST;
      default -> true;
    };
  }

  /** Returns the status of the response to a denied request. */
  static int statusOf(Denied denial) {
    return denial == Denied.UNKNOWN_HOST ? 421 : 403;
  }

  /**
   * Returns the response to a request that is refused for its sender; it has no body (spec §1.7).
   */
  static Response responseTo(AuthFailure failure) {
    return switch (failure) {
      case OVERLOADED, RATE_LIMITED -> Response.OVERLOADED;
      case ROLE, APPLICATION -> Response.FORBIDDEN;
      default -> Response.UNAUTHORIZED;
    };
  }

  /** Returns whether every line of Sec-Fetch-Site is {@code same-origin} or {@code none}. */
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

  /** Returns whether every line of Origin has the requested host and port. */
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

  /** Returns whether Origin is a scheme and the bytes of the host, both lower case in browsers. */
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

  /** Returns whether a host, with or without port, is an address or an allowed name. */
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

  /** Returns the index of the colon before the port, or the end if there is no port. */
  private static int endOfName(byte[] bytes, int from, int to) {
    int at = to;
    while (at > from && isDigit(bytes[at - 1])) {
      at--;
    }
    return at > from && bytes[at - 1] == ':' ? at - 1 : to;
  }

  /**
   * Returns whether a valid host is an address: IPv6 in brackets, or digits and dots, which
   * browsers parse as an IPv4 address or reject.
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
