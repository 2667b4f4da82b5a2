// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.group;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.stream.IntStream;
import org.jgroups.stack.IpAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceAccessMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@ResourceLock(value = GroupFixture.LOG, mode = ResourceAccessMode.READ)
class AddressDiscoveryTest {
  private static final InetAddress LOOPBACK = InetAddress.getLoopbackAddress();

  private static InetSocketAddress address(String host, int port) {
    return InetSocketAddress.createUnresolved(host, port);
  }

  @Test
  void resolve_namesAndAddresses_omitsUnknownOnesAndRepetitions() throws UnknownHostException {
    AddressDiscovery discovery = new AddressDiscovery(List.of(
        address("localhost", 7800),
        address("does-not-exist.invalid", 7800),
        address("127.0.0.1", 7800),
        address("::1", 7800),
        address("127.0.0.2", 7801)));

    assertThat(discovery.resolve(LOOPBACK))
        .containsExactly(
            new IpAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), 7800),
            new IpAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 2}), 7801));
  }

  @Test
  void resolve_tooManyAddresses_omitsTheLast() {
    AddressDiscovery discovery =
        new AddressDiscovery(IntStream.rangeClosed(1, AddressDiscovery.ADDRESSES_MAX + 10)
            .mapToObj(port -> address("127.0.0.1", port))
            .toList());

    assertThat(discovery.resolve(LOOPBACK))
        .hasSize(AddressDiscovery.ADDRESSES_MAX)
        .contains(new IpAddress(LOOPBACK, AddressDiscovery.ADDRESSES_MAX))
        .doesNotContain(new IpAddress(LOOPBACK, AddressDiscovery.ADDRESSES_MAX + 1));
  }
}
