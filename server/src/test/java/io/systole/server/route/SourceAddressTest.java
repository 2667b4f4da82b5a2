// SPDX-License-Identifier: Apache-2.0
package io.systole.server.route;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceAddressTest {
  @ParameterizedTest
  @CsvSource({
    "c0000201, 192.0.2.1",
    "ffffffff, 255.255.255.255",
    "20010db8000100020003000400050006, 2001:0db8:0001:0002::/64",
    "20010db800010002ffffffffffffffff, 2001:0db8:0001:0002::/64",
    "20010db8000100030003000400050006, 2001:0db8:0001:0003::/64",
    "00000000000000000000000000000001, 0000:0000:0000:0000::/64"
  })
  void of_address_isTheAddressOrItsNetwork(String bytes, String expected)
      throws UnknownHostException {
    assertThat(sourceOf(bytes)).hasToString(expected);
  }

  /** Otherwise all IPv4 clients of an IPv6 socket would share the prefix {@code ::/64}. */
  @Test
  void of_mappedIpv4Address_isThatAddress() {
    InetSocketAddress mapped = new InetSocketAddress("::ffff:192.0.2.1", 1);

    assertThat(SourceAddress.of(mapped))
        .isEqualTo(SourceAddress.of(new InetSocketAddress("192.0.2.1", 2)));
  }

  @Test
  void of_ipv6AndIpv4WithTheSameBits_areDifferent() throws UnknownHostException {
    assertThat(sourceOf("00000000c00002010000000000000000")).isNotEqualTo(sourceOf("c0000201"));
  }

  @Test
  void of_unknownAddresses_areOneSource() {
    assertThat(SourceAddress.of(null)).isEqualTo(SourceAddress.UNKNOWN);
    assertThat(SourceAddress.of(new EmbeddedChannel().remoteAddress()))
        .isEqualTo(SourceAddress.UNKNOWN);
    assertThat(SourceAddress.of(InetSocketAddress.createUnresolved("a", 1)))
        .isEqualTo(SourceAddress.UNKNOWN);
  }

  private static SourceAddress sourceOf(String bytes) throws UnknownHostException {
    InetAddress address = InetAddress.getByAddress(HexFormat.of().parseHex(bytes));
    return SourceAddress.of(new InetSocketAddress(address, 1));
  }
}
