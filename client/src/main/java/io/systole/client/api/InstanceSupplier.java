// SPDX-License-Identifier: Apache-2.0
package io.systole.client.api;

import io.systole.protocol.model.InstanceInfo;

/**
 * A supplier of the document of one instance, called for each registration. With millions of
 * instances it creates documents on demand instead of retaining them.
 */
@FunctionalInterface
public interface InstanceSupplier {
  /**
   * Returns the document. Application, id and renewal interval must be the same each time. Called
   * by the registering thread and by the client's event loops.
   *
   * @param lastDirtyMs epoch ms, the dirty timestamp of the document
   */
  InstanceInfo instance(long lastDirtyMs);
}
