// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;

/**
 * How long a lease held when it was looked at.
 *
 * @param zone as its document tells it, empty when it doesn't
 * @param deadlineNs when it expires, or expired, monotonic
 * @param durationNs the duration of the lease
 * @param isUnrenewed whether it was restored from an earlier run and not renewed since
 */
public record LeaseDeadline(
    InstanceKey key, String zone, long deadlineNs, long durationNs, boolean isUnrenewed) {
  /** The application, upper case. */
  public String app() {
    return key.app();
  }
}
