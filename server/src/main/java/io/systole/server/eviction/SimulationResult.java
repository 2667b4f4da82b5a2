// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.server.registry.LeaseDeadline;
import java.util.List;

/**
 * The answer to a {@link SimulationRequest}.
 *
 * @param leases how many there were
 * @param silenced how many of these fell silent
 * @param afterMs how long was looked ahead
 * @param runs how many eviction runs that makes, the one at the end included
 * @param evicted who went, in order
 * @param last what the last of the runs found, those that it ended included
 */
public record SimulationResult(
    int leases,
    int silenced,
    long afterMs,
    int runs,
    List<LeaseDeadline> evicted,
    EvictionDecision last) {}
