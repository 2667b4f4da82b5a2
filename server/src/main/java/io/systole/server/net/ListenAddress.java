// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

/**
 * An address to listen on.
 *
 * @param host host name or address
 * @param port 0 for an ephemeral port
 */
public record ListenAddress(String host, int port) {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
