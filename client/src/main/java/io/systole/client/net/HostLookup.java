// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** A blocking look-up of a host's addresses. */
@FunctionalInterface
public interface HostLookup {
  /**
   * The look-up of the JDK: hosts file, search domains and whatever else the system is set up for.
   * It remembers what it found for {@code networkaddress.cache.ttl}, 30 s unless set.
   */
  HostLookup SYSTEM = InetAddress::getAllByName;

  /** Returns the addresses, the one to try first at the start; may block. */
  InetAddress[] addresses(String host) throws UnknownHostException;
}
