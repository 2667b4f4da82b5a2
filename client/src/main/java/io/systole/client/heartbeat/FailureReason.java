// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** Why a request that was due has no answer. */
public enum FailureReason {
  /** The connection ended before the answer came. */
  CONNECTION_LOST,
  /** The answer did not come within the time-out. */
  TIMED_OUT,
  /** What came was not the HTTP answer that was waited for. */
  MALFORMED_RESPONSE,
  /** The beat was never sent: the one before it still waited to be sent or answered. */
  NOT_SENT
}
