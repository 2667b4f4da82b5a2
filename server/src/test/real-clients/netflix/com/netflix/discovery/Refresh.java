// SPDX-License-Identifier: Apache-2.0
package com.netflix.discovery;

/**
 * Access to the package-private refresh of Netflix's client, whose own timer refreshes at most once
 * a second.
 */
public final class Refresh {
  private Refresh() {}

  public static void now(DiscoveryClient client) {
    client.refreshRegistry();
  }
}
