// SPDX-License-Identifier: Apache-2.0
/**
 * Replication to other servers of a Eureka cluster by the protocol's own batches (spec §5).
 *
 * <pre>
 * ChangeLog --------- changes in order ---&gt; ReplicationQueue -&gt; PeerLink -&gt; PeerConnection -&gt; peer
 * RenewalCollector -- renewed slots ------------^      ^            |
 * RegistryComparison - differences --------------------+------------+ results of the items
 * </pre>
 *
 * <p>All links are confined to one thread. Event loops only record renewed slots, and read and
 * write the sockets.
 */
@NullMarked
package io.systole.server.peer;

import org.jspecify.annotations.NullMarked;
