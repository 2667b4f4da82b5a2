// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.net.InetSocketAddress;

/** The URL of an address that a node listens on. */
public final class NodeUrl {
  private NodeUrl() {}

  /** Returns the URL without a path, as seen from this machine. */
  public static String of(InetSocketAddress address, boolean isTls) {
    String host = address.getAddress().isAnyLocalAddress() ? "127.0.0.1" : address.getHostString();
    String scheme = isTls ? "https://" : "http://";
    return scheme + (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
  }
}
