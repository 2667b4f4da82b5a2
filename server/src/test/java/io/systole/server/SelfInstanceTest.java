// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.PortInfo;
import io.systole.protocol.model.RegistrationValidator;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.api.Test;

class SelfInstanceTest {
  @Test
  void at_anAddress_isThatAddress() throws UnknownHostException {
    InetAddress bound = InetAddress.getByAddress(new byte[] {127, 0, 0, 7});

    InstanceInfo self = SelfInstance.at(new InetSocketAddress(bound, 8761), "/v2", false, 5);

    assertThat(self.id()).isEqualTo("127.0.0.7:systole:8761");
    assertThat(self.app()).isEqualTo("SYSTOLE");
    assertThat(self.ipAddr()).isEqualTo("127.0.0.7");
    assertThat(self.port()).isEqualTo(new PortInfo(8761, true));
    assertThat(self.status()).isEqualTo(InstanceStatus.UP);
    assertThat(self.statusPageUrl()).isEqualTo("http://127.0.0.7:8761/v2/status");
    assertThat(self.healthCheckUrl()).isEqualTo("http://127.0.0.7:8761/health");
    assertThat(self.lastDirtyMs()).isEqualTo(5);
  }

  @Test
  void at_anIpv6Address_isBracketedInAddresses() throws UnknownHostException {
    byte[] loopback = new byte[16];
    loopback[15] = 1;

    InstanceInfo self = SelfInstance.at(
        new InetSocketAddress(InetAddress.getByAddress(loopback), 1), "/v2", false, 0);

    assertThat(self.healthCheckUrl()).isEqualTo("http://[0:0:0:0:0:0:0:1]:1/health");
  }

  @Test
  void at_wildcardAddress_isAReachableOne() throws UnknownHostException {
    InetAddress any = InetAddress.getByAddress(new byte[4]);

    InstanceInfo self = SelfInstance.at(new InetSocketAddress(any, 8761), "/v2", false, 0);

    assertThat(self.ipAddr()).isNotEqualTo("0.0.0.0");
    assertThat(RegistrationValidator.refusalOf(self, "systole")).isNull();
  }
}
