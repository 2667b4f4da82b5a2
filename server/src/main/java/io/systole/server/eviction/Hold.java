// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A rule that holds a lease, and what would make it let go. Of several holds each must.
 *
 * @param observed what the rule looks at: renewals of the last minute, or leases that have expired
 * @param needed what that must come to: at least so many renewals (0 when no number will do, see
 *     {@link SelfPreservation#renewalsMissing}), or at most so many expired leases
 * @param share a share with which the rule would let go
 * @param inMs when it lets go by itself
 */
public record Hold(
    Rule rule, long observed, long needed, OptionalDouble share, OptionalLong inMs) {}
