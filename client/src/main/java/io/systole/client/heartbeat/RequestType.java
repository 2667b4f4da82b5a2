// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** The type of a request for one instance. */
public enum RequestType {
  /** A heartbeat, which renews the lease. */
  BEAT,
  REGISTER,
  CANCEL
}
