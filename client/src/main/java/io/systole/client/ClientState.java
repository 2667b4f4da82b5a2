// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.net.ServerState;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What a client has in hand; taken loop by loop, so the numbers of different loops may be a few
 * milliseconds apart.
 *
 * @param instances registered or to be registered
 * @param alive of those, the ones whose registration the server accepted last
 * @param beatsWaiting due, and not sent because every connection is at its bound or lost
 * @param changesWaiting registrations and cancels not sent yet
 * @param inFlight requests sent and not answered
 * @param connectionsOpen of the connections to the servers in use, those that are open
 * @param lastLoss why a connection last ended or could not be opened; empty when none did
 * @param servers how each server is seen, in the order of the first loop
 * @param callbackFailures how often the user's observers, listeners, sources and updates threw
 */
public record ClientState(
    int instances,
    int alive,
    int beatsWaiting,
    int changesWaiting,
    int inFlight,
    int connectionsOpen,
    String lastLoss,
    List<ServerState> servers,
    long callbackFailures) {

  /** A client that has nothing. */
  public static final ClientState EMPTY = new ClientState(0, 0, 0, 0, 0, 0, "", List.of(), 0);

  ClientState plus(ClientState other) {
    return new ClientState(
        instances + other.instances,
        alive + other.alive,
        beatsWaiting + other.beatsWaiting,
        changesWaiting + other.changesWaiting,
        inFlight + other.inFlight,
        connectionsOpen + other.connectionsOpen,
        lastLoss.isEmpty() ? other.lastLoss : lastLoss,
        merged(servers, other.servers),
        callbackFailures + other.callbackFailures);
  }

  ClientState withCallbackFailures(long count) {
    return new ClientState(
        instances,
        alive,
        beatsWaiting,
        changesWaiting,
        inFlight,
        connectionsOpen,
        lastLoss,
        servers,
        count);
  }

  private static List<ServerState> merged(List<ServerState> some, List<ServerState> others) {
    Map<URI, ServerState> byUrl = new LinkedHashMap<>();
    Stream.concat(some.stream(), others.stream())
        .forEach(server -> byUrl.merge(server.url(), server, ServerState::plus));
    return List.copyOf(byUrl.values());
  }
}
