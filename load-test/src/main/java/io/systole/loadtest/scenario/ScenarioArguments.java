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
 * @param memberProxies ports of proxies between members, in the order of the nodes; empty without
 */
public record ScenarioArguments(
    String file,
    URI target,
    boolean isShort,
    List<String> settings,
    OptionalLong pid,
    RestartCommands commands,
    List<String> watch,
    List<Integer> memberProxies) {
  /**
   * Shell commands for nodes; null for those of the scenario.
   *
   * @param kill returns once the node has exited
   * @param start returns while the node runs
   * @param signal sends the node the signal in the variable SIGNAL
   */
  public record RestartCommands(
      @Nullable String kill,
      @Nullable String start,
      @Nullable String signal) {
    /** No overrides. */
    public static final RestartCommands NONE = new RestartCommands(null, null, null);
  }
}
