// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * Thrown when a scenario is invalid; the message is a single line for the author of the scenario.
 */
public final class ScenarioParseException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  ScenarioParseException(String message) {
    super(message);
  }
}
