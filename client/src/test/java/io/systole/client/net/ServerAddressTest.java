// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import org.junit.jupiter.api.Test;

class ServerAddressTest {
  @Test
  void of_everyPart_isTakenApart() {
    ServerAddress address = ServerAddress.of(URI.create("http://user:p%40ss@h:8761/eureka/v2/"));

    assertThat(address)
        .isEqualTo(new ServerAddress(
            "h", 8761, "/eureka/v2", "Host: h:8761\r\nAuthorization: Basic dXNlcjpwQHNz\r\n"));
  }

  @Test
  void of_hostAlone_hasTheDefaults() {
    ServerAddress address = ServerAddress.of(URI.create("http://[::1]"));

    assertThat(address).isEqualTo(new ServerAddress("[::1]", 80, "", "Host: [::1]:80\r\n"));
    assertThat(address.unresolved().getHostString()).isEqualTo("::1");
  }
}
