// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The file descriptors reserved for everything but connections. */
final class DescriptorReserve {
  private static final Logger LOG = LoggerFactory.getLogger(DescriptorReserve.class);

  /**
   * Descriptors of jars, journals, snapshots, selectors and listening sockets, of management
   * connections, and of excess connections until they have received their 503.
   */
  static final int DESCRIPTORS = 128 + Quotas.MANAGEMENT_CONNECTIONS_MAX;

  private DescriptorReserve() {}

  /**
   * Returns the number of connections that the process can hold open, at least 1.
   *
   * @param connectionsMax the configured maximum
   * @param descriptorsMax the process's limit of open files
   */
  static int cap(int connectionsMax, long descriptorsMax) {
    return (int) Math.min(connectionsMax, Math.max(1, descriptorsMax - DESCRIPTORS));
  }

  /** Warns about a configured maximum that {@link #cap} reduces. */
  static void warnIfCapped(int connectionsMax, long descriptorsMax) {
    int capped = cap(connectionsMax, descriptorsMax);
    if (capped < connectionsMax) {
      LOG.warn(
          "--max-connections {} exceeds what the limit of {} open files allows, capped"
              + " connectionsMax={}",
          connectionsMax,
          descriptorsMax,
          capped);
    }
  }
}
