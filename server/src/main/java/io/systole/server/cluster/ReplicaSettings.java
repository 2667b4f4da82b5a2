// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

/**
 * The settings of a replica.
 *
 * @param windowMs the interval in which renewals are sent to the other members
 * @param digestIntervalMs the interval in which registries are compared
 * @param tombstoneMs how long a removal is remembered; at least twice the longest lease
 * @param tombstonesMax the maximum number of remembered removals; the oldest is dropped first
 * @param protocolMax the highest version of the protocol between members that this one uses
 */
public record ReplicaSettings(
    long windowMs, long digestIntervalMs, long tombstoneMs, int tombstonesMax, int protocolMax) {}
