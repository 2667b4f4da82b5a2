// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The local addresses of a client's connections, used round robin. Thread-safe. */
public final class LocalAddresses {
  private final List<InetAddress> addresses;
  private final AtomicInteger next = new AtomicInteger();

  /** @param addresses empty to leave the choice to the system */
  public LocalAddresses(List<InetAddress> addresses) {
    this.addresses = List.copyOf(addresses);
  }

  /** Returns the address of the next connection, or null to leave the choice to the system. */
  @Nullable
  InetAddress next() {
    return addresses.isEmpty()
        ? null
        : addresses.get(Math.floorMod(next.getAndIncrement(), addresses.size()));
  }
}
