// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;

/**
 * The parameters of a simulation of evictions.
 *
 * @param rules the protection rules
 * @param isStrict whether a renewal extends a lease by one duration, not two; only if
 *     {@code changesDeadlines}
 * @param changesDeadlines whether deadlines are calculated by {@code isStrict} and
 *     {@code durationSecs}, not those of the leases
 * @param durationSecs the duration of every lease, instead of its own
 * @param silentCount the number of live instances that stop renewing now, selected by the seed
 * @param silentApps applications that stop renewing now, upper case
 * @param silentZones zones that stop renewing now
 * @param intervalMs time between eviction runs, at least 1
 * @param afterMs the simulated time, at least 0; if empty, until the silent instances have expired
 * @param seed the same seed selects the same leases
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

  /** Returns whether instances stop renewing. */
  boolean isSilencing() {
    return silentCount > 0 || !silentApps.isEmpty() || !silentZones.isEmpty();
  }
}
