// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import org.jspecify.annotations.Nullable;

/**
 * Shell commands that kill and start the target; null for those of the scenario.
 *
 * @param kill returns once the target has exited
 * @param start returns while the target runs
 */
public record RestartCommands(
    @Nullable String kill, @Nullable String start) {
  /** No overrides. */
  public static final RestartCommands NONE = new RestartCommands(null, null);
}
