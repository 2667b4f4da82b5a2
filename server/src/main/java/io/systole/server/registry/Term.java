// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.InstanceKey;

/**
 * How long a lease held when it was looked at.
 *
 * @param zone as its document tells it, empty when it doesn't
 * @param deadlineNs when it expires, or expired, monotonic
 */
public record Term(InstanceKey key, String zone, long deadlineNs) {
  /** The application, upper case. */
  public String app() {
    return key.app();
  }
}
