// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.netty.channel.Channel;
import io.netty.handler.ssl.SslHandler;
import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import org.jspecify.annotations.Nullable;

/**
 * The way in which clients reach the node: their address, TLS and credentials. Thread-safe.
 *
 * @param source the local address of their connections, or null for the system's choice
 * @param tls null for plain text
 * @param authorization returns the value of {@code Authorization} for the next request, or "" for
 *     none; called on any thread
 */
record ClientAccess(
    @Nullable InetAddress source, @Nullable SSLContext tls, Supplier<String> authorization) {
  /** Clients without TLS and credentials. */
  static final ClientAccess OPEN = new ClientAccess(null, null, () -> "");

  /** Returns the scheme of the node's URLs. */
  String scheme() {
    return tls == null ? "http" : "https";
  }

  /** Returns the address that a connection is bound to, with a free port, or null for any. */
  @Nullable
  SocketAddress local() {
    return source == null ? null : new InetSocketAddress(source, 0);
  }

  /** Adds TLS to a connection that has no other handlers yet. */
  void secure(Channel channel) {
    if (tls != null) {
      SSLEngine engine = tls.createSSLEngine();
      engine.setUseClientMode(true);
      SslHandler handler = new SslHandler(engine);
      // The node decides when a handshake has taken too long.
      handler.setHandshakeTimeoutMillis(0);
      channel.pipeline().addLast(handler);
    }
  }

  /** Adds the credentials to a request, or to the start of one, after its first line. */
  byte[] authorize(byte[] request) {
    String value = authorization.get();
    int lineEnd = 0;
    while (lineEnd < request.length && request[lineEnd] != '\r') {
      lineEnd++;
    }
    if (value.isEmpty() || lineEnd == request.length) {
      return request;
    }
    byte[] field = RequestBytes.bytes("\r\nAuthorization: " + value);
    ByteArrayOutputStream whole = new ByteArrayOutputStream(request.length + field.length);
    whole.write(request, 0, lineEnd);
    whole.writeBytes(field);
    whole.write(request, lineEnd, request.length - lineEnd);
    return whole.toByteArray();
  }
}
