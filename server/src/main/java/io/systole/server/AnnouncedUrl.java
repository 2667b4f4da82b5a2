// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.server.config.ServerConfig;
import java.util.Set;

/**
 * The URL of a node's service for clients, as other members of its cluster receive it.
 *
 * @param bind the host that the node listens on, which may stand for all addresses
 * @param port 0 if the system chooses it
 * @param prefix a base path of the protocol
 */
record AnnouncedUrl(String bind, int port, String prefix, boolean isTls) {
  private static final Set<String> ANY_ADDRESS = Set.of("0.0.0.0", "::", "[::]");

  static AnnouncedUrl of(ServerConfig config) {
    return new AnnouncedUrl(
        config.net().bind(),
        config.net().port(),
        config.basePaths().get(0),
        config.security().tls() != null);
  }

  /**
   * Returns the URL with a port.
   *
   * @param fallback the host if the node listens on all addresses
   * @param listening the port that the node listens on; 0 if it is not known yet
   * @return empty if the port is not known
   */
  String at(String fallback, int listening) {
    if (listening == 0) {
      return "";
    }
    String host = ANY_ADDRESS.contains(bind) ? fallback : bind;
    String literal = host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host;
    return (isTls ? "https://" : "http://") + literal + ":" + listening + prefix;
  }
}
