// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

/**
 * Every option of a mirror. {@link MirrorBuilder} has the defaults and checks the ranges.
 *
 * @param isStreamWanted whether to follow a server's stream of changes where it has one
 * @param intervalMs between deltas, 1..86_400_000; each time up to a fifth less, at random
 * @param streamCheckMs between hash checks while a stream is followed, 1..86_400_000
 * @param streamSilenceMs after which a stream is taken for lost, 2..3_600_000
 * @param connectTimeoutMs 1..3_600_000
 * @param responseTimeoutMs from a request to the last byte of its answer, 1..3_600_000
 * @param retryMinMs first wait after all servers have failed, or a stream, 1..{@code retryMaxMs}
 * @param retryMaxMs longest such wait, up to 3_600_000
 * @param bodyBytesMax of an answer, compressed or not, 1_024..1_073_741_824
 * @param lossShareMax of the held instances that a full answer may lack and be believed at once,
 *     0..1
 * @param lossCountMax instances that a full answer may lack and be believed at once whatever their
 *     share, up to half of those held, 0..1_000_000
 * @param lossHoldMs how long full answers must lack more before that is believed, 0..86_400_000
 * @param staleMs age from which a copy counts as stale, 1..86_400_000
 */
record MirrorConfig(
    boolean isStreamWanted,
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
    int lossHoldMs,
    int staleMs) {}
