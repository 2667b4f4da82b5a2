// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

/** What the answer to a registration means. */
public enum RegistrationResult {
  /** The server holds a lease now. */
  ACCEPTED,
  /** It has read the document and said no; the same document would get the same answer. */
  REFUSED,
  /** It has not come to read the document; later it may. */
  TROUBLED;

  private static final int OK = 200;
  private static final int NO_CONTENT = 204;
  private static final int REQUEST_TIMEOUT = 408;
  private static final int TOO_MANY_REQUESTS = 429;

  /** Reads the status of an answer. */
  public static RegistrationResult of(int status) {
    if (status == OK || status == NO_CONTENT) {
      return ACCEPTED;
    }
    boolean isRefusal =
        status >= 400 && status < 500 && status != REQUEST_TIMEOUT && status != TOO_MANY_REQUESTS;
    return isRefusal ? REFUSED : TROUBLED;
  }
}
