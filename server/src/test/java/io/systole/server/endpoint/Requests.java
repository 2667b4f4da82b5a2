// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import static io.systole.protocol.http.HttpMethod.GET;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.QueryParameters;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** Requests as created by a connection, and responses as text. */
final class Requests {
  private Requests() {}

  /**
   * Returns a GET request.
   *
   * @param headers alternating names and values
   */
  static Request get(Map<String, String> variables, String... headers) {
    return new Request(GET, variables, QueryParameters.EMPTY, headers(headers));
  }

  /** Returns a GET request without path variables. */
  static Request query(String query, String... headers) {
    Request request = toInstance(GET, query, headers);
    return new Request(GET, Map.of(), request.query(), request.headers());
  }

  /** Returns a request for the instance DEMO/i-1. */
  static Request toInstance(HttpMethod method, String query, String... headers) {
    byte[] bytes = query.getBytes(StandardCharsets.US_ASCII);
    try {
      QueryParameters parameters = QueryParameters.of(bytes, 0, bytes.length);
      return new Request(method, Map.of("app", "demo", "id", "i-1"), parameters, headers(headers));
    } catch (HttpParseException malformed) {
      throw new IllegalArgumentException(query, malformed);
    }
  }

  static Request post(byte[] body, String... headers) {
    return new Request(HttpMethod.POST, Map.of(), QueryParameters.EMPTY, headers(headers))
        .withBody(body);
  }

  static String body(Response response) {
    return new String(response.bytes(), StandardCharsets.UTF_8);
  }

  private static Map<String, String> headers(String... namesAndValues) {
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      headers.put(namesAndValues[i].toLowerCase(Locale.ROOT), namesAndValues[i + 1]);
    }
    return headers;
  }
}
