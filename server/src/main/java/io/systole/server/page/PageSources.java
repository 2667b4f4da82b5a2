// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.protocol.time.Clock;
import io.systole.server.endpoint.Readiness.WaitingTime;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.ClusterEndpoint.ClusterDescription;
import io.systole.server.management.NodeDescription;
import io.systole.server.metrics.Counters;
import io.systole.server.peer.PeerStatus;
import io.systole.server.registry.Registry;
import io.systole.server.store.StoreCounters.Degradation;
import java.util.List;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The parts of the node that the page shows. All suppliers are thread-safe and return at once.
 *
 * @param loopLagNs the maximum lag of an event loop within the last second
 * @param openFiles the open file descriptors of the process, a negative number if unknown
 * @param peers the links to peers
 * @param cluster the native cluster, or null without one
 * @param degradation what prevents changes from being persisted, or null
 * @param waiting the time until which reads are refused, or null
 * @param node the description of the node, read once for each feed; null until the node serves
 */
public record PageSources(
    Registry registry,
    Evictor evictor,
    Clock clock,
    Counters counters,
    LongSupplier loopLagNs,
    LongSupplier openFiles,
    Supplier<List<PeerStatus>> peers,
    Supplier<@Nullable ClusterDescription> cluster,
    Supplier<@Nullable Degradation> degradation,
    Supplier<@Nullable WaitingTime> waiting,
    Supplier<@Nullable NodeDescription> node) {}
