// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.net.URI;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The arguments of a scenario run.
 *
 * @param file a path, or the name of a built-in scenario
 * @param target service URL of the registry
 * @param isShort whether to run the short form
 * @param settings {@code path=value} overrides
 * @param pid of a local target
 * @param commands override those of the scenario
 * @param watch service URLs of nodes to watch in addition to those of the scenario
 */
public record ScenarioArguments(
    String file,
    URI target,
    boolean isShort,
    List<String> settings,
    OptionalLong pid,
    RestartCommands commands,
    List<String> watch) {
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
}
