// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.stats;

/**
 * The counters of all event loops at one moment, each since the start. Every counter is read once,
 * so that what is derived from one snapshot agrees: {@code answered - renewed} are the answers that
 * were not 200, and {@code due - answered - failed}, never negative, those still expected.
 *
 * @param due heartbeats that came due
 * @param answered heartbeats answered, whatever the status
 * @param renewed those answered 200
 * @param failed heartbeats that will have no answer
 * @param registered registrations accepted
 * @param connectionsOpened connections opened
 * @param connectionsFailed attempts to open one that failed
 * @param bytesSent HTTP bytes, of whatever request
 * @param bytesReceived the same of responses
 */
public record StatsSnapshot(
    long due,
    long answered,
    long renewed,
    long failed,
    long registered,
    long connectionsOpened,
    long connectionsFailed,
    long bytesSent,
    long bytesReceived) {

  static final StatsSnapshot EMPTY = new StatsSnapshot(0, 0, 0, 0, 0, 0, 0, 0, 0);

  StatsSnapshot plus(StatsSnapshot other) {
    return new StatsSnapshot(
        due + other.due,
        answered + other.answered,
        renewed + other.renewed,
        failed + other.failed,
        registered + other.registered,
        connectionsOpened + other.connectionsOpened,
        connectionsFailed + other.connectionsFailed,
        bytesSent + other.bytesSent,
        bytesReceived + other.bytesReceived);
  }
}
