// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/** The response statuses of a server that currently cannot serve any request. */
final class OverloadStatus {
  private static final int REDIRECTS = 300;
  private static final int ERRORS = 400;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERRORS = 500;

  private OverloadStatus() {}

  /**
   * Returns whether the status is 429, 5xx or a redirect. A registry must not redirect (spec §1.3),
   * so a redirect comes from something else in its place.
   */
  static boolean is(int status) {
    return isRedirect(status) || status == TOO_MANY_REQUESTS || status >= SERVER_ERRORS;
  }

  private static boolean isRedirect(int status) {
    return status >= REDIRECTS && status < ERRORS;
  }

  /**
   * Returns one line for the log.
   *
   * @param text the beginning of the body, or the target of a redirect; may be empty
   */
  static String cause(int status, String text) {
    String detail = text.isEmpty() ? "" : " " + text;
    return isRedirect(status)
        ? "responds with redirect " + status + detail + ", which is not followed"
        : "responds with status " + status + detail;
  }
}
