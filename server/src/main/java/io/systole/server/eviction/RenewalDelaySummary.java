// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/**
 * Statistics of sampled renewal delays: ms after the interval that the instance states, 0 if early.
 *
 * @param count the number of samples
 */
public record RenewalDelaySummary(
    String app, long count, long medianMs, long p90Ms, long p99Ms, long maxMs) {}
