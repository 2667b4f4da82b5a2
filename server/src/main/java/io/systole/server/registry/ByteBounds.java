// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * Memory limits of documents and changes, in estimated bytes
 * ({@link io.systole.protocol.model.InstanceInfo#sizeBytes}).
 *
 * @param instanceMax one document
 * @param registryMax all leases with their documents
 * @param changesMax the changes retained for deltas; readers further behind are disconnected
 */
public record ByteBounds(int instanceMax, long registryMax, long changesMax) {
  /** No limits other than the heap. */
  public static final ByteBounds NONE =
      new ByteBounds(Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
}
