// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.util.List;

/**
 * Servers that are equally welcome. Zones stand in the order of preference, one's own first.
 *
 * @param name for logs and callers
 * @param servers one at least
 */
public record Zone(String name, List<ServerAddress> servers) {
  public Zone {
    servers = List.copyOf(servers);
  }
}
