// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Where the registry is, taken apart.
 *
 * @param basePath path before {@code /apps}, no slash at its end
 * @param headers whole header lines that every request carries
 */
public record ServerAddress(String host, int port, String basePath, String headers) {
  private static final int DEFAULT_PORT = 80;

  /**
   * Takes a service URL apart: {@code http://[user:password@]host[:port]/base}.
   *
   * @throws IllegalArgumentException when it is not such a URL
   */
  public static ServerAddress of(URI url) {
    if (!"http".equals(url.getScheme()) || url.getHost() == null) {
      throw new IllegalArgumentException("server must be an http URL with a host, got " + url);
    }
    if (url.getRawQuery() != null || url.getRawFragment() != null) {
      throw new IllegalArgumentException("server must have neither query nor fragment: " + url);
    }
    int port = url.getPort() < 0 ? DEFAULT_PORT : url.getPort();
    String host = url.getHost();
    String path = url.getRawPath() == null ? "" : url.getRawPath();
    String headers = "Host: " + host + ":" + port + "\r\n" + authorization(url);
    return new ServerAddress(host, port, path.replaceAll("/+$", ""), headers);
  }

  /** Credentials stand in the URL's user-info (spec §1.2). */
  private static String authorization(URI url) {
    String userInfo = url.getUserInfo();
    if (userInfo == null) {
      return "";
    }
    byte[] credentials = userInfo.getBytes(StandardCharsets.UTF_8);
    return "Authorization: Basic " + Base64.getEncoder().encodeToString(credentials) + "\r\n";
  }

  /** Resolved anew for each connection. */
  InetSocketAddress unresolved() {
    String literal = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return InetSocketAddress.createUnresolved(literal, port);
  }
}
