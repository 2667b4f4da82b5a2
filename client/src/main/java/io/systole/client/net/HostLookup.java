// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.net.InetAddress;
import java.net.UnknownHostException;

/** A blocking lookup of a host's addresses. */
@FunctionalInterface
public interface HostLookup {
  /**
   * The lookup of the JDK, with hosts file and search domains. It caches results for
   * {@code networkaddress.cache.ttl}, 30 s unless set.
   */
  HostLookup SYSTEM = InetAddress::getAllByName;

  /** Returns the addresses in order of preference; may block. */
  InetAddress[] addresses(String host) throws UnknownHostException;
}
