// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/**
 * The settings of evictions.
 *
 * @param intervalMs time between runs
 * @param recountMs time between recounts of the expected clients
 * @param renewalDelaysAppsMax the maximum number of applications with their own renewal delays
 */
public record EvictionSettings(
    long intervalMs, long recountMs, int renewalDelaysAppsMax, EvictionRules rules) {}
