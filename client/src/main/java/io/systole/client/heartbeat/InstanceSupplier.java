// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.protocol.model.InstanceInfo;

/**
 * Makes the document of one instance when it is registered. Whoever keeps a million instances alive
 * gives a source that makes them anew instead of holding a million documents.
 */
@FunctionalInterface
public interface InstanceSupplier {
  /**
   * Returns the document; application, id and renewal interval must be the same each time. Called
   * by the thread that registers and by the client's event loops.
   *
   * @param lastDirtyMs epoch ms, the dirty timestamp that the document must carry
   */
  InstanceInfo instance(long lastDirtyMs);
}
