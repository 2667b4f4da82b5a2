// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * A question about the registry as it stands: who would go if all this held?
 *
 * @param rules which hold
 * @param isStrict whether a renewal gives one duration, not two; means nothing unless the terms
 *     change
 * @param changesDeadlines whether deadlines are others than those that stand
 * @param durationSecs of every lease, instead of its own
 * @param silentCount of those that live, how many fall silent now, drawn by the seed
 * @param silentApps applications that fall silent now, upper case
 * @param silentZones zones that fall silent now
 * @param intervalMs time between eviction runs, at least 1
 * @param afterMs how long all this goes on, at least 0; empty for until the silent have expired
 * @param seed the same one draws the same leases
 */
public record SimulationRequest(
    EvictionRules rules,
    boolean isStrict,
    boolean changesDeadlines,
    OptionalInt durationSecs,
    int silentCount,
    Set<String> silentApps,
    Set<String> silentZones,
    long intervalMs,
    OptionalLong afterMs,
    long seed) {

  /** Whether somebody is to fall silent. */
  boolean isSilencing() {
    return silentCount > 0 || !silentApps.isEmpty() || !silentZones.isEmpty();
  }
}
