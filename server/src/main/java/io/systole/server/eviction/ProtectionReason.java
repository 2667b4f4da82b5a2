// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A rule that holds a lease, and what would make it let go. Of several holds each must.
 *
 * @param observed what the rule looks at: renewals of the last minute, leases that have expired, or
 *     ms served since a stall
 * @param needed what that must come to: at least so many renewals (0 when no number will do, see
 *     {@link SelfPreservation#renewalsMissing}), at most so many expired leases, or so many ms
 * @param share a share with which the rule would let go
 * @param inMs when it lets go by itself
 */
public record ProtectionReason(
    ProtectionRule rule, long observed, long needed, OptionalDouble share, OptionalLong inMs) {}
