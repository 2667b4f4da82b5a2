// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

/** Thrown when a load test fails before there is anything to report. */
public final class LoadTestException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Creates an exception with a message for the user. */
  public LoadTestException(String message) {
    super(message);
  }
}
