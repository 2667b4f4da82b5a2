// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The state of a mirror, for logs, metrics and health checks. All counts are since it was built.
 *
 * @param server source of the snapshot, without credentials; null before the first snapshot, or
 *     while missing instances are kept
 * @param servers the configured and then the learned servers, without credentials
 * @param isStreaming whether changes arrive by stream rather than by deltas
 * @param isDoubted whether instances missing from the last full response are kept
 * @param ageMs time since a server last confirmed the snapshot; {@link Long#MAX_VALUE} if none has
 * @param isStale whether the age exceeds the option {@code staleAfter}
 * @param fullCount full responses, including those with mass loss
 * @param deltaCount deltas applied
 * @param eventCount changes received by streams
 * @param unchangedCount responses with status 304
 * @param mismatchCount deltas whose hash code differed from the snapshot's
 * @param doubtCount full responses with mass loss
 * @param failureCount requests without a valid response
 * @param streamLossCount streams that ended or were refused
 * @param listenerFailureCount exceptions thrown by the listener
 */
public record MirrorState(
    @Nullable URI server,
    List<URI> servers,
    boolean isStreaming,
    boolean isDoubted,
    long ageMs,
    boolean isStale,
    long fullCount,
    long deltaCount,
    long eventCount,
    long unchangedCount,
    long mismatchCount,
    long doubtCount,
    long failureCount,
    long streamLossCount,
    long listenerFailureCount) {}
