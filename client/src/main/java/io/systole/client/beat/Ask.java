// SPDX-License-Identifier: Apache-2.0
package io.systole.client.beat;

/** What a request asks of the server for one instance. */
public enum Ask {
  /** Renew the lease: a heartbeat. */
  BEAT,
  REGISTER,
  CANCEL
}
