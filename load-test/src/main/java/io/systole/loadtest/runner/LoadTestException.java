// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

/** The scenario could not be driven to the point where there is something to report. */
public final class LoadTestException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Makes a failure whose message is for people. */
  public LoadTestException(String message) {
    super(message);
  }
}
