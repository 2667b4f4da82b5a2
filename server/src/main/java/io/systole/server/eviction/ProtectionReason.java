// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * A rule that protects a lease, and the conditions that would end its protection.
 *
 * @param observed the value that the rule observes: renewals of the last minute, expired leases, or
 *     ms served since a stall
 * @param needed the value that ends the protection: a minimum of renewals (0 if no number does, see
 *     {@link SelfPreservation#renewalsMissing}), a maximum of expired leases, or a minimum of ms
 * @param share a renewal share that ends the protection
 * @param inMs the time until the protection ends by itself
 */
public record ProtectionReason(
    ProtectionRule rule, long observed, long needed, OptionalDouble share, OptionalLong inMs) {}
