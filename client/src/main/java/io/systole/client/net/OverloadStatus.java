// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

/** Answers by which a server says that it does not do its work now, whatever was asked. */
final class OverloadStatus {
  private static final int REDIRECTS = 300;
  private static final int ERRORS = 400;
  private static final int TOO_MANY_REQUESTS = 429;
  private static final int SERVER_ERRORS = 500;

  private OverloadStatus() {}

  /**
   * Redirects are among them: a registry must not send any (spec §1.3), so one comes from something
   * that stands where the registry should be.
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
   * @param text the beginning of the body, or where a redirect points; may be empty
   */
  static String cause(int status, String text) {
    String said = text.isEmpty() ? "" : " " + text;
    return isRedirect(status)
        ? "answers with redirect " + status + said + ", which is not followed"
        : "answers " + status + said;
  }
}
