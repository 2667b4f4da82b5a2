// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.http.HttpLimits;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.RequestHeadParser;
import io.systole.server.metrics.Counters.Denied;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class AccessPolicyTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Host: a:8761                                                     |",
        "Host: a:8761; Sec-Fetch-Site: same-origin                        |",
        "Host: a:8761; Sec-Fetch-Site: none                               |",
        "Host: a:8761; Sec-Fetch-Site: cross-site                         | CROSS_SITE",
        "Host: a:8761; sec-fetch-site: cross-site                         | CROSS_SITE",
        "Host: localhost:8761; Sec-Fetch-Site: same-site                  | CROSS_SITE",
        "Host: a:8761; Sec-Fetch-Site:                                    | CROSS_SITE",
        "Host: a:8761; Sec-Fetch-Site: cross-site; Origin: http://a:8761  | CROSS_SITE",
        "Host: inner:1; Sec-Fetch-Site: same-origin; Origin: https://a    |",
        "Host: a:8761; Origin: http://a:8761                              |",
        "Origin: http://a:8761; Host: a:8761                              |",
        "Host: a; Origin: https://a                                       |",
        "Host: [::1]:8761; Origin: http://[::1]:8761                      |",
        "Host: a:8761; Origin: http://a                                   | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: http://a:3000                              | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: http://evila:8761                          | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: http://a:8761.evil                         | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: a:8761                                     | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: ://a:8761                                  | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: null                                       | FOREIGN_ORIGIN",
        "Host: null; Origin: null                                         | FOREIGN_ORIGIN",
        "Host: a:8761; Origin:                                            | FOREIGN_ORIGIN",
        "Host:; Origin: http://                                           | FOREIGN_ORIGIN",
        "X: y; Origin: http://a                                           | FOREIGN_ORIGIN",
        // A matching suffix of Origin, or one matching line of two, must not suffice.
        "Host: a:8761; Origin: http://evil://a:8761                       | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: evil://a:8761                              | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: http://a:8761; Origin: http://evil         | FOREIGN_ORIGIN",
        "Host: a:8761; Origin: http://evil; Origin: http://a:8761         | FOREIGN_ORIGIN",
        "Host: a; Sec-Fetch-Site: same-origin; Sec-Fetch-Site: cross-site | CROSS_SITE",
        "Host: a; Sec-Fetch-Site: cross-site; Sec-Fetch-Site: none        | CROSS_SITE"
      })
  void denialBy_fetchMetadataAndOrigin_deniesOtherSites(String headers, @Nullable Denied expected)
      throws HttpParseException {
    assertThat(denial(new AccessPolicy(List.of(), List.of()), headers)).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Host: eureka                             |",
        "Host: EUREKA.example:8761                |",
        "Host: eureka:                            |",
        "Host: localhost:8761                     |",
        "Host: 10.0.0.1:8761                      |",
        "Host: 127.0.0.1                          |",
        "Host: [2001:db8::1]:8761                 |",
        "X: y                                     |",
        "Host: evil                               | UNKNOWN_HOST",
        "Host: evil:8761                          | UNKNOWN_HOST",
        "Host: eureka.evil                        | UNKNOWN_HOST",
        "Host: xeureka                            | UNKNOWN_HOST",
        "Host: eureka.                            | UNKNOWN_HOST",
        "Host: 10.0.0.1.evil                      | UNKNOWN_HOST",
        "Host: 10.0.0.1.                          | UNKNOWN_HOST",
        "Host: 10.0.0.x1                          | UNKNOWN_HOST",
        "Host:                                    | UNKNOWN_HOST",
        "Host: :8761                              | UNKNOWN_HOST",
        "Host: evil; Sec-Fetch-Site: same-origin  | UNKNOWN_HOST",
        "Host: eureka; Sec-Fetch-Site: cross-site | CROSS_SITE"
      })
  void denialBy_allowedHosts_deniesOtherNames(String headers, @Nullable Denied expected)
      throws HttpParseException {
    AccessPolicy policy = new AccessPolicy(List.of("eureka", "eureka.example"), List.of());

    assertThat(denial(policy, headers)).isEqualTo(expected);
  }

  /** A server must ignore Host if the target is absolute (RFC 9112 §3.2.2). */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "http://eureka/a         | Host: evil                           |",
        "http://EUREKA:8761      | Host: evil                           |",
        "http://10.0.0.1?a       | Host: evil                           |",
        "http://eureka/a         | X: y                                 |",
        "http://evil/a           | Host: eureka                         | UNKNOWN_HOST",
        "http://evil:8761?eureka | Host: localhost                      | UNKNOWN_HOST",
        "http://evil             | X: y                                 | UNKNOWN_HOST",
        "http://eureka:1/a       | Host: b; Origin: http://eureka:1     |",
        "http://eureka:1/a       | Host: b; Origin: http://b            | FOREIGN_ORIGIN"
      })
  void denialBy_absoluteTarget_ignoresHost(String target, String headers, @Nullable Denied expected)
      throws HttpParseException {
    AccessPolicy policy = new AccessPolicy(List.of("eureka"), List.of());

    assertThat(denial(policy, target, headers)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(HttpMethod.class)
  void appliesTo_unsafeMethods_isTrueForEveryDenial(HttpMethod method) {
    boolean isSafe =
        List.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS).contains(method);

    assertThat(AccessPolicy.appliesTo(Denied.CROSS_SITE, method)).isEqualTo(!isSafe);
    assertThat(AccessPolicy.appliesTo(Denied.FOREIGN_ORIGIN, method)).isEqualTo(!isSafe);
    assertThat(AccessPolicy.appliesTo(Denied.UNKNOWN_HOST, method)).isTrue();
  }

  private static @Nullable Denied denial(AccessPolicy policy, String headers)
      throws HttpParseException {
    return denial(policy, "/", headers);
  }

  private static @Nullable Denied denial(AccessPolicy policy, String target, String headers)
      throws HttpParseException {
    String request =
        "POST " + target + " HTTP/1.0\r\n" + headers.replaceAll("; ?", "\r\n") + "\r\n\r\n";
    byte[] bytes = ("xx" + request).getBytes(StandardCharsets.US_ASCII);
    RequestHeadParser parser = new RequestHeadParser(HttpLimits.DEFAULT);
    parser.parse(bytes, 2, bytes.length);
    return policy.denialBy(parser.head());
  }
}
