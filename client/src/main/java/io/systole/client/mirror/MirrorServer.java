// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.net.ServerAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A registry server to read from.
 *
 * @param base URL before {@code /apps}, without credentials and without a trailing slash
 * @param authorization value of that header; null without credentials
 */
record MirrorServer(URI base, @Nullable String authorization) {

  /**
   * Parses a service URL: {@code http[s]://[user:password@]host[:port]/base}.
   *
   * @throws IllegalArgumentException if it is not such a URL; the message contains no credentials
   */
  static MirrorServer of(URI url) {
    ServerAddress.requireServiceUrl(url);
    String scheme = url.getScheme().toLowerCase(Locale.ROOT);
    String port = url.getPort() < 0 ? "" : ":" + url.getPort();
    String path = url.getRawPath() == null ? "" : url.getRawPath().replaceAll("/+$", "");
    return new MirrorServer(
        URI.create(scheme + "://" + url.getHost() + port + path), authorization(url));
  }

  /** Returns the value for the credentials in the URL's user-info (spec §1.2). */
  private static @Nullable String authorization(URI url) {
    String userInfo = url.getUserInfo();
    return userInfo == null
        ? null
        : "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * Returns another member of this server's cluster, which is sent the same credentials.
   *
   * @param url of the same scheme, without credentials
   */
  MirrorServer member(URI url) {
    return new MirrorServer(of(url).base, authorization);
  }

  boolean isTls() {
    return "https".equals(base.getScheme());
  }

  /** @param pathAndQuery from the slash after the base on */
  URI at(String pathAndQuery) {
    return URI.create(base + pathAndQuery);
  }

  /** @param path from the root of the server on */
  URI atRoot(String path) {
    return base.resolve(path);
  }

  @Override
  public String toString() {
    return base.toString();
  }
}
