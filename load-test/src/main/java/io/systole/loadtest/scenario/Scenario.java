// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.scenario.ScenarioAction.ReaderPlan;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A scripted load run, validated by {@link ScenarioReader}.
 *
 * @param about description
 * @param needs required options of the target, as text; may be empty
 * @param loops event loops of the load generator
 * @param warmupMs warm-up before the window
 * @param durationMs length of the window, in which the events lie
 * @param timeoutMs response timeout
 * @param settleMs maximum time after the window until reads match the fleet
 * @param readers from the warm-up to the end; null without
 * @param watch service URLs of nodes that must converge with the target
 * @param isSpread whether the fleet is spread over the target and the watched nodes
 * @param events in written order
 * @param expectations in written order
 */
record Scenario(
    String name,
    String about,
    String needs,
    FleetPlan fleet,
    int connections,
    int inFlight,
    int loops,
    long warmupMs,
    long durationMs,
    int timeoutMs,
    long settleMs,
    @Nullable ReaderPlan readers,
    List<URI> watch,
    boolean isSpread,
    List<TimedAction> events,
    List<MetricExpectation> expectations) {

  /**
   * The initial fleet.
   *
   * @param applications of the instances, evenly distributed
   * @param intervalMs heartbeat interval of an instance
   * @param leaseSecs lease duration that each instance requests
   * @param metadataBytes approximate size of the additional metadata per document
   */
  record FleetPlan(
      int instances, int applications, int intervalMs, int leaseSecs, int metadataBytes) {}

  /** An action and its time after the start of the window. */
  record TimedAction(long atMs, ScenarioAction action) {}
}
