// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.net.URI;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a person wants to have played.
 *
 * @param file a path, or the bare name of a shipped scenario
 * @param target service URL of the registry
 * @param isShort whether the scaled-down form is played
 * @param settings {@code path=value} each, laid over the scenario
 * @param pid of the target, when it is a process of this machine
 * @param commands go before those of the scenario
 * @param watch service URLs of nodes that are watched besides those of the scenario
 */
public record ScenarioArguments(
    String file,
    URI target,
    boolean isShort,
    List<String> settings,
    OptionalLong pid,
    RestartCommands commands,
    List<String> watch) {}
