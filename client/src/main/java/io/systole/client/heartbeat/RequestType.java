// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** What a request asks of the server for one instance. */
public enum RequestType {
  /** Renew the lease: a heartbeat. */
  BEAT,
  REGISTER,
  CANCEL
}
