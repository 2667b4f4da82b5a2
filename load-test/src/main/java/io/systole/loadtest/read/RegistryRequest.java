// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.read;

import java.net.URI;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;

/** A request to a registry over the JDK's HTTP client. */
public final class RegistryRequest {
  /** From a request to the head of its response, and for connecting. */
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  private RegistryRequest() {}

  /**
   * Begins a request for JSON below a service URL, with the credentials that the URL may hold.
   *
   * @param path from {@code /apps} on
   */
  public static HttpRequest.Builder of(URI service, String path) {
    String userInfo = service.getRawUserInfo();
    String base = service.toString().replaceAll("/+$", "");
    String url = userInfo == null ? base : base.replace(userInfo + "@", "");
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
        .timeout(TIMEOUT)
        .header("Accept", "application/json");
    if (userInfo != null) {
      byte[] credentials = service.getUserInfo().getBytes(StandardCharsets.UTF_8);
      request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString(credentials));
    }
    return request;
  }
}
