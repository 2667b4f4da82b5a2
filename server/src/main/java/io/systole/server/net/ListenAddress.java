// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

/**
 * An address to listen on.
 *
 * @param host a name or address
 * @param port 0 for one that the system chooses
 */
public record ListenAddress(String host, int port) {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
