// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.List;

/**
 * A group of servers of equal preference.
 *
 * @param name for logs and callers
 * @param servers at least one
 */
public record Zone(String name, List<ServerAddress> servers) {
  public Zone {
    servers = List.copyOf(servers);
  }
}
