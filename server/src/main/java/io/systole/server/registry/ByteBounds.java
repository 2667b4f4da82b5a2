// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * Bounds of the memory that documents take, in estimated bytes
 * ({@link io.systole.protocol.model.InstanceInfo#sizeBytes}).
 *
 * @param instanceMax of one document
 * @param registryMax of all leases with their documents
 * @param changesMax of the changes that deltas tell; readers further behind are cut off
 */
public record ByteBounds(int instanceMax, long registryMax, long changesMax) {
  /** Whatever the heap holds. */
  public static final ByteBounds NONE =
      new ByteBounds(Integer.MAX_VALUE, Long.MAX_VALUE, Long.MAX_VALUE);
}
