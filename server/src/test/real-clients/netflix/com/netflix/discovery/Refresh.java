// SPDX-License-Identifier: Apache-2.0
package com.netflix.discovery;

/**
 * Lends what Netflix's client does at every refresh, which it can't do more often than a second.
 */
public final class Refresh {
  private Refresh() {}

  public static void now(DiscoveryClient client) {
    client.refreshRegistry();
  }
}
