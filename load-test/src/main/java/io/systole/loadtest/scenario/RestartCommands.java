// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import org.jspecify.annotations.Nullable;

/**
 * What kills the target and what starts it, for {@code sh -c}; null leaves it to the scenario.
 *
 * @param kill returns when the target is gone
 * @param start returns while the target runs on
 */
public record RestartCommands(
    @Nullable String kill, @Nullable String start) {
  /** Leaves both to the scenario. */
  public static final RestartCommands OF_THE_SCENARIO = new RestartCommands(null, null);
}
