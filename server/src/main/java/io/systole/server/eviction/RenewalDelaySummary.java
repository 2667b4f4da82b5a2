// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

/**
 * How late the renewals that were sampled came, in ms after the interval that their instances
 * state; one that came early is 0 late.
 *
 * @param count how many were sampled
 */
public record RenewalDelaySummary(
    String app, long count, long medianMs, long p90Ms, long p99Ms, long maxMs) {}
