// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

/** Thrown when the server rejects the document of an instance with a 4xx status. */
public final class RegistrationRejectedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;

  RegistrationRejectedException(int status, String text) {
    super("server refused registration: " + status + (text.isEmpty() ? "" : " " + text));
    this.status = status;
  }

  /** Returns the status of the response, 400..499. */
  public int status() {
    return status;
  }
}
