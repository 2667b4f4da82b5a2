// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A story that a registry is put through; checked by {@link ScenarioReader}.
 *
 * @param about what it shows, for people
 * @param needs options of the target without which it cannot pass, for people; may be empty
 * @param loops event loops of the load generator
 * @param warmupMs driven before the window
 * @param durationMs of the window, in which the events lie
 * @param timeoutMs after which a request has failed
 * @param settleMs what the registry's reads may take to show the fleet as it is at the end
 * @param readers from the warm-up to the end; null without
 * @param watch service URLs of other nodes that must come to show the same
 * @param events in the order as written
 * @param expectations in the order as written
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
    List<TimedAction> events,
    List<MetricExpectation> expectations) {

  /**
   * The fleet that is registered at the beginning.
   *
   * @param applications that the instances are spread over evenly
   * @param intervalMs between heartbeats of an instance
   * @param leaseSecs what each asks its lease to last
   * @param metadataBytes by which the metadata of each document grows, roughly
   */
  record FleetPlan(
      int instances, int applications, int intervalMs, int leaseSecs, int metadataBytes) {}

  /** What is done, and when after the start of the window. */
  record TimedAction(long atMs, ScenarioAction action) {}
}
