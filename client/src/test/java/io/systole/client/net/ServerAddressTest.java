// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ServerAddressTest {
  @Test
  void of_allParts_areParsed() {
    ServerAddress address = ServerAddress.of(URI.create("http://user:p%40ss@H:8761/eureka/v2/"));

    assertThat(address)
        .isEqualTo(new ServerAddress(
            URI.create("http://h:8761/eureka/v2"),
            false,
            "h",
            8761,
            "/eureka/v2",
            "Host: h:8761\r\nAuthorization: Basic dXNlcjpwQHNz\r\n"));
  }

  @ParameterizedTest
  @CsvSource({"http://[::1],80,false", "https://[::1],443,true", "HTTPS://[::1]:8443,8443,true"})
  void of_hostOnly_hasDefaultsOfScheme(String url, int port, boolean isTls) {
    ServerAddress address = ServerAddress.of(URI.create(url));

    assertThat(address.port()).isEqualTo(port);
    assertThat(address.isTls()).isEqualTo(isTls);
    assertThat(address.basePath()).isEmpty();
    assertThat(address.hostName()).isEqualTo("::1");
  }

  @ParameterizedTest
  @CsvSource({
    "a:b,YTpi",
    "user%20x:%C3%A9%3A%25,dXNlciB4OsOpOiU=",
    "a:b+c,YTpiK2M=",
    "token,dG9rZW4="
  })
  void of_userInfo_isDecodedOnceAndEncodedForBasic(String userInfo, String credentials) {
    ServerAddress address = ServerAddress.of(URI.create("https://" + userInfo + "@h/v2"));

    assertThat(address.headers())
        .isEqualTo("Host: h:443\r\nAuthorization: Basic " + credentials + "\r\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ftp://u:secret@h/v2", "http://u:secret@h/v2?a=b", "http://u:secret@/v2"})
  void of_invalidUrlWithPassword_isRedacted(String url) {
    assertThatThrownBy(() -> ServerAddress.of(URI.create(url)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("secret");
  }

  @Test
  void member_credentialsAndHeaders_areThoseOfTheServer() {
    ServerAddress server =
        ServerAddress.of(URI.create("https://a:b@h/v2")).withHeaders("X-More: 1\r\n");

    ServerAddress member = server.member(URI.create("https://m:8443/eureka/"));

    assertThat(member.url()).hasToString("https://m:8443/eureka");
    assertThat(member.basePath()).isEqualTo("/eureka");
    assertThat(member.headers())
        .isEqualTo("Host: m:8443\r\nAuthorization: Basic YTpi\r\nX-More: 1\r\n");
  }

  @Test
  void toString_withPassword_isRedacted() {
    ServerAddress address = ServerAddress.of(URI.create("http://u:secret@h/v2"));

    assertThat(address).hasToString("http://h:80/v2");
  }
}
