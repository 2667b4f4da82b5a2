// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.server.cluster.group.GroupSettings;

/**
 * The settings of a node as a member of the native cluster.
 *
 * @param group its address to bind may be a wildcard, which stands for the one of this machine
 *     among those of the members
 * @param joinTimeoutMs how long a starting member waits for the registry of the cluster before it
 *     serves without it
 */
public record NativeClusterSettings(
    GroupSettings group, ReplicaSettings replica, long joinTimeoutMs) {}
