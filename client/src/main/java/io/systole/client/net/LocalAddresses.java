// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.net.InetAddress;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The local addresses that a client's connections are opened from, in turn. Any thread. */
public final class LocalAddresses {
  private final List<InetAddress> addresses;
  private final AtomicInteger next = new AtomicInteger();

  /** @param addresses empty leaves the choice to the system */
  public LocalAddresses(List<InetAddress> addresses) {
    this.addresses = List.copyOf(addresses);
  }

  /** Returns the address of the next connection; null when the system chooses. */
  @Nullable
  InetAddress next() {
    return addresses.isEmpty()
        ? null
        : addresses.get(Math.floorMod(next.getAndIncrement(), addresses.size()));
  }
}
