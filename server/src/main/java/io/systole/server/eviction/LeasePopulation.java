// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.Registry;
import java.util.function.ToIntFunction;

/**
 * How many leases stand.
 *
 * @param leases all of them
 * @param ofApp those of an application, upper case
 * @param ofZone those of a zone
 */
public record LeasePopulation(
    int leases, ToIntFunction<String> ofApp, ToIntFunction<String> ofZone) {
  static LeasePopulation of(Registry registry) {
    return new LeasePopulation(
        registry.leaseCount(), registry.leaseCounts()::ofApp, registry.leaseCounts()::ofZone);
  }
}
