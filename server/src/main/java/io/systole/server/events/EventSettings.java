// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

/**
 * Bounds of what is told as it happens.
 *
 * @param gatherMs how long changes gather before streams and polls are woken
 * @param backlogMax changes a stream may be behind before it is ended
 * @param heartbeatMs silence after which a stream sends a comment
 * @param pollsMax polls that may wait at once
 * @param pollWaitMaxMs longest that one waits, whatever it asks for
 */
public record EventSettings(
    long gatherMs, int backlogMax, long heartbeatMs, int pollsMax, long pollWaitMaxMs) {}
