// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

/** The scenario could not be driven to the point where there is something to report. */
final class LoadFailed extends Exception {
  private static final long serialVersionUID = 1L;

  LoadFailed(String message) {
    super(message);
  }
}
