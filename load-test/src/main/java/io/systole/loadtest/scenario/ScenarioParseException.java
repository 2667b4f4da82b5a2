// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/** A scenario that cannot be played as it is written; the message is one line for its author. */
public final class ScenarioParseException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  ScenarioParseException(String message) {
    super(message);
  }
}
