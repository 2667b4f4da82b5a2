// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

/**
 * The settings of a replica.
 *
 * @param windowMs the interval at which renewals are sent to the other members
 * @param digestIntervalMs the interval at which registries are compared
 * @param tombstoneMs how long the tombstone of a removal is retained; at least twice the longest
 *     lease
 * @param tombstonesMax the maximum number of tombstones; the oldest is removed first
 * @param protocolMax the newest version of the protocol between members that this one uses
 */
public record ReplicaSettings(
    long windowMs, long digestIntervalMs, long tombstoneMs, int tombstonesMax, int protocolMax) {}
