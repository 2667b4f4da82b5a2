// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.Registry;
import java.util.function.ToIntFunction;

/**
 * The numbers of leases.
 *
 * @param leases all
 * @param ofApp of an application, upper case
 * @param ofZone of a zone
 */
public record LeasePopulation(
    int leases, ToIntFunction<String> ofApp, ToIntFunction<String> ofZone) {
  static LeasePopulation of(Registry registry) {
    return new LeasePopulation(
        registry.leaseCount(), registry.leaseCounts()::ofApp, registry.leaseCounts()::ofZone);
  }
}
