// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import io.systole.server.auth.Principal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decoded request. Immutable and independent of the read buffer. Heartbeats on the fast path are
 * {@link HeartbeatMatcher.HeartbeatRequest}s instead.
 *
 * @param variables values of the template's {@code {name}} segments
 * @param headers values of the header fields by lower-case name: all lines of list-based fields,
 *     the first line of others
 * @param body empty unless the route takes one; must not be modified
 * @param sender the remote address, or null if unknown
 * @param principal who has sent it; null if the node requires no credentials
 */
@SuppressWarnings("ArrayRecordComponent") // Requests are read, never compared.
public record Request(
    HttpMethod method,
    Map<String, String> variables,
    QueryParameters query,
    Map<String, String> headers,
    byte[] body,
    @Nullable SocketAddress sender,
    @Nullable Principal principal) {

  private static final byte[] NO_BODY = {};

  public Request(
      HttpMethod method,
      Map<String, String> variables,
      QueryParameters query,
      Map<String, String> headers) {
    this(method, variables, query, headers, NO_BODY, null, null);
  }

  public Request withBody(byte[] bytes) {
    return new Request(method, variables, query, headers, bytes, sender, principal);
  }

  public Request withSender(@Nullable SocketAddress address) {
    return new Request(method, variables, query, headers, body, address, principal);
  }

  public Request withPrincipal(@Nullable Principal identified) {
    return new Request(method, variables, query, headers, body, sender, identified);
  }

  /** Returns the source that the sender belongs to. */
  public SourceAddress source() {
    return SourceAddress.of(sender);
  }

  /** Returns the sender's address and port for a log, without a name lookup. */
  public String senderText() {
    if (!(sender instanceof InetSocketAddress inet)) {
      return "unknown";
    }
    InetAddress address = inet.getAddress();
    return (address == null ? inet.getHostString() : address.getHostAddress()) + ":"
        + inet.getPort();
  }

  /** Returns the name of the principal, or null. */
  public @Nullable String principalName() {
    return principal == null ? null : principal.name();
  }

  /** Returns the name of the principal for a log, {@code -} for none. */
  public String principalText() {
    return principal == null ? "-" : principal.name();
  }

  /**
   * Returns the value of the segment {@code {name}}.
   *
   * @throws IllegalStateException if the route's template has no such segment
   */
  public String variable(String name) {
    String value = variables.get(name);
    if (value == null) {
      throw new IllegalStateException("no {" + name + "} in this route: " + variables.keySet());
    }
    return value;
  }

  /**
   * Returns whether a peer replicates a client's request. The value is case-sensitive: {@code TRUE}
   * comes from a client (spec §1.6).
   */
  public boolean isReplicated() {
    return "true".equals(header(HeartbeatMatcher.REPLICATION_HEADER));
  }

  /** Returns the value of a header field, see {@link #headers}, or null if absent. */
  public @Nullable String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }
}
