// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

/**
 * The state of a lease at a point in time; times are monotonic.
 *
 * @param lastContactNs the time of the last renewal or registration, or the restore of a lease that
 *     has not been renewed since; derived from the deadline
 * @param isRenewed whether the lease was renewed since its registration or restore
 * @param isRestored whether the lease was restored from an earlier run
 * @param restoredNs the time of the restore; undefined unless restored
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
