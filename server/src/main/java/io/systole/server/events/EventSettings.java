// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

/**
 * Settings of event streams and long polls.
 *
 * @param gatherMs delay between a change and its notification
 * @param backlogMax changes a stream may be behind before it is ended
 * @param heartbeatMs idle time after which a stream sends a comment
 * @param pollsMax limit on concurrent long polls
 * @param pollWaitMaxMs limit on the wait of a long poll
 */
public record EventSettings(
    long gatherMs, int backlogMax, long heartbeatMs, int pollsMax, long pollWaitMaxMs) {}
