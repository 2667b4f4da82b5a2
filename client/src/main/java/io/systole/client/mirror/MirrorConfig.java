// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

/**
 * The validated options of a mirror. {@link MirrorBuilder} has the defaults and checks the ranges.
 *
 * @param isStreamEnabled whether to follow a server's change stream if it has one
 * @param intervalMs between deltas, 1..86_400_000; up to a fifth less each time, at random
 * @param streamCheckMs between hash checks while a stream is followed, 1..86_400_000
 * @param streamSilenceMs after which a stream counts as lost, 2..3_600_000
 * @param connectTimeoutMs 1..3_600_000
 * @param responseTimeoutMs from a request to the last byte of its response, 1..3_600_000
 * @param retryMinMs first delay after all servers or a stream have failed, 1..{@code retryMaxMs}
 * @param retryMaxMs longest such delay, up to 3_600_000
 * @param bodyBytesMax size of a response, compressed or not, 1_024..1_073_741_824
 * @param lossShareMax share of the known instances that a full response may lack and be accepted at
 *     once, 0..1
 * @param lossCountMax instances that a full response may lack and be accepted at once regardless of
 *     their share, up to half of those known, 0..1_000_000
 * @param lossAcceptDelayMs how long a larger loss must persist before it is accepted, 0..86_400_000
 * @param memberIntervalMs between requests for the members of a native cluster, 0..86_400_000; 0
 *     for none
 * @param staleMs age from which a snapshot counts as stale, 1..86_400_000
 */
record MirrorConfig(
    boolean isStreamEnabled,
    int intervalMs,
    int streamCheckMs,
    int streamSilenceMs,
    int connectTimeoutMs,
    int responseTimeoutMs,
    int retryMinMs,
    int retryMaxMs,
    int bodyBytesMax,
    double lossShareMax,
    int lossCountMax,
    int lossAcceptDelayMs,
    int memberIntervalMs,
    int staleMs) {}
