// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/**
 * What an operator may set about evictions.
 *
 * @param intervalMs time between runs
 * @param recountMs time between recounts of the expected clients
 * @param renewalDelaysAppsMax how many applications' lateness is told apart
 */
public record EvictionSettings(
    long intervalMs, long recountMs, int renewalDelaysAppsMax, EvictionRules rules) {}
