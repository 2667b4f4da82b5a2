// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * The numbers of a lease when it was looked at; all moments are monotonic.
 *
 * @param heardNs when its instance was last heard of, counted back from the deadline: a renewal, or
 *     the registration
 * @param isRenewed whether the deadline is later than the registration alone made it
 */
public record LeaseState(
    Term term,
    long registeredNs,
    long heardNs,
    boolean isRenewed,
    int durationSecs,
    int renewalIntervalSecs) {}
