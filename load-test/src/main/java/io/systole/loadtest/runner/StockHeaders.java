// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.ClientBuilder;

/**
 * The header fields of Netflix's Jersey client: those of its recorded heartbeat, and the encoding
 * and agent that its 1.x line sends in addition (spec §1.7 and appendix A).
 */
final class StockHeaders {
  private StockHeaders() {}

  static void addTo(ClientBuilder client) {
    client
        .header("Accept", "application/json")
        .header("Accept-Encoding", "gzip")
        .header("DiscoveryIdentity-Name", "DefaultClient")
        .header("DiscoveryIdentity-Version", "1.4")
        .header("DiscoveryIdentity-Id", "10.0.0.1")
        .header("User-Agent", "Java-EurekaClient/v2.0.6")
        .header("Connection", "keep-alive");
  }
}
