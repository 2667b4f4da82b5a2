// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

/**
 * The counters of all event loops since the start. Each counter is read once, so derived values are
 * consistent: {@code answered - renewed} are the responses with another status than 200, and
 * {@code due - answered - failed}, never negative, the outstanding heartbeats.
 *
 * @param due heartbeats due
 * @param answered heartbeats with a response of any status
 * @param renewed heartbeats with status 200
 * @param failed heartbeats that will receive no response
 * @param resent heartbeats sent again because their connection was closed unprocessed
 * @param registered accepted registrations
 * @param connectionsOpened connections opened
 * @param connectionsFailed failed attempts to open a connection
 * @param bytesSent HTTP bytes of all requests
 * @param bytesReceived HTTP bytes of all responses
 */
public record StatsSnapshot(
    long due,
    long answered,
    long renewed,
    long failed,
    long resent,
    long registered,
    long connectionsOpened,
    long connectionsFailed,
    long bytesSent,
    long bytesReceived) {

  static final StatsSnapshot EMPTY = new StatsSnapshot(0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  StatsSnapshot plus(StatsSnapshot other) {
    return new StatsSnapshot(
        due + other.due,
        answered + other.answered,
        renewed + other.renewed,
        failed + other.failed,
        resent + other.resent,
        registered + other.registered,
        connectionsOpened + other.connectionsOpened,
        connectionsFailed + other.connectionsFailed,
        bytesSent + other.bytesSent,
        bytesReceived + other.bytesReceived);
  }
}
