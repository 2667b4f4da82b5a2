// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.util.NetUtil;
import io.systole.client.net.ServerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;

/**
 * A configured server and one of the addresses of its name.
 *
 * @param address resolved, with the server's port
 */
public record PeerAddress(ServerAddress server, InetSocketAddress address) {
  PeerAddress(ServerAddress server, InetAddress address) {
    this(server, new InetSocketAddress(address, server.port()));
  }

  /**
   * Returns IP address and port, by which all members of a native cluster name the peer, whatever
   * URL they have for it.
   */
  public String name() {
    return NetUtil.toSocketAddressString(address);
  }
}
