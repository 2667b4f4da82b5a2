// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.QueryParameters;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decoded request on any route but the renew door. Immutable, independent of the read buffer.
 *
 * @param variables what stood in the place of the template's {@code {name}} segments
 * @param headers the value of each header field by its lower-case name: all lines of those that are
 *     lists, the first line of others
 * @param body empty unless the route takes one; not to be changed
 * @param sender the other end of the connection, null when it is not known
 */
@SuppressWarnings("ArrayRecordComponent") // Requests are read, never compared.
public record Request(
    HttpMethod method,
    Map<String, String> variables,
    QueryParameters query,
    Map<String, String> headers,
    byte[] body,
    @Nullable SocketAddress sender) {

  private static final byte[] NO_BODY = {};

  public Request(
      HttpMethod method,
      Map<String, String> variables,
      QueryParameters query,
      Map<String, String> headers) {
    this(method, variables, query, headers, NO_BODY, null);
  }

  public Request withBody(byte[] bytes) {
    return new Request(method, variables, query, headers, bytes, sender);
  }

  public Request from(@Nullable SocketAddress address) {
    return new Request(method, variables, query, headers, body, address);
  }

  /** Returns the sender's address and port for a log; resolves no name. */
  public String senderText() {
    if (!(sender instanceof InetSocketAddress inet)) {
      return "unknown";
    }
    InetAddress address = inet.getAddress();
    return (address == null ? inet.getHostString() : address.getHostAddress()) + ":"
        + inet.getPort();
  }

  /**
   * The segment that stood in place of {@code {name}}.
   *
   * @throws IllegalStateException when the route's template has no such name
   */
  public String variable(String name) {
    String value = variables.get(name);
    if (value == null) {
      throw new IllegalStateException("no {" + name + "} in this route: " + variables.keySet());
    }
    return value;
  }

  /** The value of the header field as in {@link #headers}, null when absent. */
  public @Nullable String header(String name) {
    return headers.get(name.toLowerCase(Locale.ROOT));
  }
}
