// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;
import java.util.List;

/**
 * The result of a {@link Simulation}.
 *
 * @param leases the number of leases at the start
 * @param silenced the number of instances that fell silent
 * @param afterMs the simulated time
 * @param runs the number of eviction runs, including the one at the end
 * @param evicted the evicted leases, in order
 * @param last the decision of the last run, before its evictions
 */
public record SimulationResult(
    int leases,
    int silenced,
    long afterMs,
    int runs,
    List<LeaseDeadline> evicted,
    EvictionDecision last) {}
