// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

/**
 * What a client has in hand; taken loop by loop, so the numbers of different loops may be a few
 * milliseconds apart.
 *
 * @param instances registered or to be registered
 * @param alive of those, the ones whose registration the server accepted last
 * @param beatsWaiting due, and not sent because every connection is at its bound or lost
 * @param changesWaiting registrations and cancels not sent yet
 * @param inFlight requests sent and not answered
 * @param connectionsOpen of all connections, those that are open
 * @param lastLoss why a connection last ended or could not be opened; empty when none did
 */
public record ClientState(
    int instances,
    int alive,
    int beatsWaiting,
    int changesWaiting,
    int inFlight,
    int connectionsOpen,
    String lastLoss) {

  /** A client that has nothing. */
  public static final ClientState EMPTY = new ClientState(0, 0, 0, 0, 0, 0, "");

  ClientState plus(ClientState other) {
    return new ClientState(
        instances + other.instances,
        alive + other.alive,
        beatsWaiting + other.beatsWaiting,
        changesWaiting + other.changesWaiting,
        inFlight + other.inFlight,
        connectionsOpen + other.connectionsOpen,
        lastLoss.isEmpty() ? other.lastLoss : lastLoss);
  }
}
