// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import java.net.InetSocketAddress;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The state of the replication to one peer, for operators.
 *
 * @param url the configured URL without credentials
 * @param state the state of the link
 * @param nodeId the peer's {@code Systole-Node}, or null from a stock server
 * @param lastSuccessMs epoch ms of the last accepted batch or probe, 0 before the first
 * @param lagMs the age of the oldest change that the peer has not accepted
 * @param dueSlots the number of leases with a renewal or difference to send
 * @param lastDifference the number of differences found by the last comparison, -1 before the first
 * @param lastFailure the reason of the last failure, or null
 */
public record PeerStatus(
    URI url,
    InetSocketAddress address,
    LinkState state,
    @Nullable String nodeId,
    long lastSuccessMs,
    long lagMs,
    int dueSlots,
    int lastDifference,
    @Nullable String lastFailure,
    PeerCounters counters) {

  /** The state of a link. */
  public enum LinkState {
    /** Connecting, or waiting to try again after a failure. */
    DOWN,
    /** Comparing the registries. */
    COMPARING,
    /** Replicating. */
    UP,
    /** The address leads to this node itself. */
    SELF,
    /** A link with another URL replicates to the same node at the same address. */
    DUPLICATE,
    /** Removed from the set of peers. */
    CLOSED,
    /** Another member of the native cluster is elected to replicate to the peer. */
    STANDBY
  }
}
