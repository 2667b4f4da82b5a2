// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * The numbers of a lease when it was looked at; all moments are monotonic.
 *
 * @param lastContactNs when its instance was last heard of, counted back from the deadline: a renewal,
 *     the registration, or the restore of a lease that has not been renewed since
 * @param isRenewed whether the deadline is later than the registration alone, or the restore, made
 *     it
 * @param isRestored whether an earlier run of the node held the lease
 * @param restoredNs when it was restored; means nothing unless it was
 */
public record LeaseSnapshot(
    LeaseDeadline deadline,
    long registeredNs,
    long lastContactNs,
    boolean isRenewed,
    boolean isRestored,
    long restoredNs,
    int durationSecs,
    int renewalIntervalSecs) {}
