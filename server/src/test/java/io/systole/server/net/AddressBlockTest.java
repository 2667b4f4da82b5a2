// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressBlockTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.5, 10.0.0.5, true",
    "10.0.0.5, 10.0.0.6, false",
    "10.0.0.0/8, 10.255.0.1, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "10.1.2.3/8, 10.255.0.1, true",
    "10.0.0.0/9, 10.127.255.255, true",
    "10.0.0.0/9, 10.128.0.0, false",
    "192.168.0.128/25, 192.168.0.255, true",
    "192.168.0.128/25, 192.168.0.127, false",
    "10.0.0.4/31, 10.0.0.5, true",
    "10.0.0.4/31, 10.0.0.6, false",
    "0.0.0.0/0, 255.255.255.255, true",
    "0.0.0.0/0, ::1, false",
    "::1, ::1, true",
    "::1, ::2, false",
    "::1, 0.0.0.1, false",
    "2001:db8::/32, 2001:db8:ffff::1, true",
    "2001:db8::/32, 2001:db9::, false",
    "2001:db8::/33, 2001:db8:8000::, false",
    "::/0, 2001:db8::1, true",
    "::/0, 10.0.0.1, false",
    "::ffff:10.0.0.5, 10.0.0.5, true",
  })
  void contains_address_comparesThePrefix(String block, String address, boolean expected) {
    assertThat(block(block).contains(new InetSocketAddress(address, 8761))).isEqualTo(expected);
  }

  /** An IPv6 socket may report its IPv4 peers in this form. */
  @Test
  void contains_mappedAddress_isThatOfIpv4() throws UnknownHostException {
    byte[] mapped = HexFormat.of().parseHex("00000000000000000000ffff0a000005");
    InetAddress address = Inet6Address.getByAddress(null, mapped, 0);

    assertThat(block("10.0.0.0/8").contains(new InetSocketAddress(address, 1))).isTrue();
    assertThat(block("::/0").contains(new InetSocketAddress(address, 1))).isFalse();
  }

  @Test
  void contains_unknownAddress_isFalse() {
    assertThat(block("0.0.0.0/0").contains(null)).isFalse();
    assertThat(block("0.0.0.0/0").contains(new EmbeddedChannel().remoteAddress()))
        .isFalse();
    assertThat(block("0.0.0.0/0").contains(InetSocketAddress.createUnresolved("a", 1)))
        .isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "peer.example",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.0/33",
        "10.0.0.0/",
        "10.0.0.0/-1",
        "10.0.0.0/8/8",
        "::/129",
        "::ffff:10.0.0.0/104",
        " 10.0.0.1",
        "10.0.0.1:8761"
      })
  void parse_noBlock_isNull(String text) {
    assertThat(AddressBlock.parse(text)).isNull();
  }

  private static AddressBlock block(String text) {
    return requireNonNull(AddressBlock.parse(text));
  }
}
