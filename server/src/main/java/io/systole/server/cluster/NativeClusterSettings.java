// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.GroupSettings;

/**
 * The settings of a node as a member of the native cluster.
 *
 * @param group the group to join. A wildcard as its bind address is replaced by the address of this
 *     machine that is among the addresses of the members
 * @param joinTimeoutMs how long a starting member waits for the registry of the cluster before it
 *     serves without it
 */
public record NativeClusterSettings(
    GroupSettings group, ReplicaSettings replica, long joinTimeoutMs) {}
