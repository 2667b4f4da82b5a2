// SPDX-License-Identifier: Apache-2.0
/**
 * The registry node. The path of a heartbeat:
 *
 * <pre>
 * socket -&gt; HttpHandler -&gt; RequestDecoder -&gt; HeartbeatMatcher -&gt; HeartbeatBatch -&gt; RenewEndpoint
 *              read             head              match                                  key
 *                       -&gt; RenewalBatch -&gt; LeaseRenewal -&gt; LeaseTable -&gt; LeaseIndex -&gt; Lease
 *                          read ahead                       lookup                        one CAS
 * socket &lt;- ResponseWriter &lt;- PreencodedResponses &lt;- status &lt;- RenewOutcome
 * </pre>
 *
 * <p>A heartbeat that differs from the previous request of its connection only by instance and
 * timestamp is matched by {@code RepeatedHeartbeatMatcher}, without parsing its head.
 *
 * <p>The heartbeats of a read that follow each other are collected in the batch, 64 at most, and
 * renewed together, in their order: while their leases are read ahead, the cache misses overlap.
 * Any other request, and the end of the read, first renews what was collected.
 *
 * <p>No step of this path allocates per request, blocks, takes a lock, logs above TRACE or looks up
 * a meter. With peers, {@code LeaseRenewal} also marks the slot of the lease, and package
 * {@code peer} sends the marked ones. With credentials, {@code RequestDecoder} also compares the
 * Authorization field with that of the last request, unless all fields repeat. Everything else
 * (registration, reads, eviction, replication, metrics) shares only the registry with it.
 * {@link io.systole.server.HeartbeatServer} connects all packages.
 */
@NullMarked
package io.systole.server;

import org.jspecify.annotations.NullMarked;
