// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.read;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Requests to a registry over the JDK's HTTP client. */
public final class RegistryRequest {
  /** The timeout to connect, and to receive the head of a response. */
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  private RegistryRequest() {}

  /**
   * Returns a JSON request below a service URL, with the URL's credentials if it has any.
   *
   * @param path starting with {@code /apps} or the like
   */
  public static HttpRequest.Builder of(URI service, String path) {
    String base = withoutCredentials(service).replaceAll("/+$", "");
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
        .timeout(TIMEOUT)
        .header("Accept", "application/json");
    String authorization = authorization(service);
    return authorization == null ? request : request.header("Authorization", authorization);
  }

  /** Returns the value of {@code Authorization} for a URL's credentials, or null without any. */
  public static @Nullable String authorization(URI service) {
    if (service.getRawUserInfo() == null) {
      return null;
    }
    byte[] credentials = service.getUserInfo().getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(credentials);
  }

  /** Returns a URL without its credentials. */
  public static String withoutCredentials(URI url) {
    String userInfo = url.getRawUserInfo();
    return userInfo == null ? url.toString() : url.toString().replace(userInfo + "@", "");
  }
}
