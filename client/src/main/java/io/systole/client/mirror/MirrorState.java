// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * How a mirror fares, for logs, metrics and health pages. All counts are since it was built.
 *
 * @param server the one the copy is from, without credentials; null while there is none, or while
 *     an answer is doubted
 * @param isStreaming whether changes come as they happen, rather than by deltas
 * @param isDoubted whether the last full answer lacked so much that what it lacks is still held
 * @param ageMs since a server last confirmed the copy; {@link Long#MAX_VALUE} when none has
 * @param isStale whether that is longer than the option {@code staleMs}
 * @param fullCount full answers taken, doubted ones too
 * @param deltaCount deltas taken
 * @param eventCount changes told by streams
 * @param unchangedCount answers that nothing has changed, 304
 * @param mismatchCount deltas whose hash code was not the copy's
 * @param doubtCount full answers that were doubted
 * @param failureCount requests that brought nothing: no answer, a refusal, a broken document
 * @param streamLossCount streams that ended, broke or were refused
 * @param listenerFailureCount exceptions that the listener threw
 */
public record MirrorState(
    @Nullable URI server,
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
