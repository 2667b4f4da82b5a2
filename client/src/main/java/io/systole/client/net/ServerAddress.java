// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;

/**
 * The parsed service URL of a registry.
 *
 * @param url without credentials, as shown in logs and to callers
 * @param isTls whether the scheme is https
 * @param host lower case; an IPv6 literal with its brackets
 * @param basePath path before {@code /apps}, without a trailing slash
 * @param headers complete header lines of every request: Host, then the credentials and others
 */
public record ServerAddress(
    URI url, boolean isTls, String host, int port, String basePath, String headers) {
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;
  private static final int PORT_MAX = 65_535;

  /**
   * Parses a service URL: {@code http[s]://[user:password@]host[:port]/base}.
   *
   * @throws IllegalArgumentException if it is not such a URL
   */
  public static ServerAddress of(URI url) {
    requireServiceUrl(url);
    boolean isTls = "https".equalsIgnoreCase(url.getScheme());
    int defaultPort = isTls ? HTTPS_PORT : HTTP_PORT;
    int port = url.getPort() < 0 ? defaultPort : url.getPort();
    String host = url.getHost().toLowerCase(Locale.ROOT);
    String path = url.getRawPath() == null ? "" : url.getRawPath().replaceAll("/+$", "");
    String headers = "Host: " + host + ":" + port + "\r\n" + authorization(url);
    URI plain = URI.create((isTls ? "https://" : "http://") + host + ":" + port + path);
    return new ServerAddress(plain, isTls, host, port, path, headers);
  }

  /**
   * Validates a service URL.
   *
   * @throws IllegalArgumentException if it is invalid; the message contains no credentials
   */
  public static void requireServiceUrl(URI url) {
    Objects.requireNonNull(url, "server");
    boolean isHttp =
        "http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme());
    if (!isHttp || url.getHost() == null) {
      throw new IllegalArgumentException(
          "server must be an http or https URL with a host, got " + redacted(url));
    }
    if (url.getRawQuery() != null || url.getRawFragment() != null) {
      throw new IllegalArgumentException(
          "server must have neither query nor fragment: " + redacted(url));
    }
    int port = url.getPort();
    if (port == 0 || port > PORT_MAX) {
      throw new IllegalArgumentException(
          "port of server " + redacted(url) + " is not within 1.." + PORT_MAX);
    }
  }

  /** Removes credentials for messages. */
  private static String redacted(URI url) {
    return url.toString().replaceFirst("//[^/?#]*@", "//");
  }

  /**
   * Returns the header line for the percent-encoded credentials in the URL's user-info (spec §1.2).
   */
  private static String authorization(URI url) {
    String userInfo = url.getUserInfo();
    if (userInfo == null) {
      return "";
    }
    byte[] credentials = userInfo.getBytes(StandardCharsets.UTF_8);
    return "Authorization: Basic " + Base64.getEncoder().encodeToString(credentials) + "\r\n";
  }

  /**
   * Returns the address of another member of this server's cluster, which is sent the same
   * credentials and further header lines.
   *
   * @param url of the same scheme, without credentials
   */
  ServerAddress member(URI url) {
    int otherLines = headers.indexOf('\n') + 1;
    return of(url).withHeaders(headers.substring(otherLines));
  }

  /** Returns a copy with further complete header lines. */
  public ServerAddress withHeaders(String more) {
    return new ServerAddress(url, isTls, host, port, basePath, headers + more);
  }

  /** Returns the host without brackets, as used by sockets and certificates. */
  public String hostName() {
    return host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
  }

  /** Returns the URL only, since the headers hold a password. */
  @Override
  public String toString() {
    return url.toString();
  }
}
