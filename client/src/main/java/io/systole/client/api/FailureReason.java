// SPDX-License-Identifier: Apache-2.0
package io.systole.client.api;

/** The reason why a request has no response. */
public enum FailureReason {
  /** The connection ended before the response arrived. */
  CONNECTION_LOST,
  /** The response did not arrive within the timeout. */
  TIMED_OUT,
  /** The bytes received were not a valid HTTP response. */
  MALFORMED_RESPONSE,
  /** The heartbeat was not sent, since the previous one was still pending. */
  NOT_SENT
}
