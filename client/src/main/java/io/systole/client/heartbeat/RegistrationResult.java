// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** The outcome of a registration request. */
public enum RegistrationResult {
  /** The server holds a lease. */
  ACCEPTED,
  /** The server has rejected the document and would reject it again. */
  REJECTED,
  /** The server could not process the request; it may be retried. */
  RETRYABLE;

  private static final int OK = 200;
  private static final int NO_CONTENT = 204;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;

  /** Returns the outcome for a response status. */
  public static RegistrationResult of(int status) {
    if (status == OK || status == NO_CONTENT) {
      return ACCEPTED;
    }
    boolean isRejection =
        status >= 400 && status < 500 && status != REQUEST_TIMEOUT && status != TOO_MANY_REQUESTS;
    return isRejection ? REJECTED : RETRYABLE;
  }
}
