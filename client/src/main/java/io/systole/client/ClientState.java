// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.ServerState;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A snapshot of a client. Each event loop is sampled on its own, so their numbers may be a few
 * milliseconds apart.
 *
 * @param instances registered or being registered
 * @param alive instances whose last registration was accepted
 * @param beatsWaiting heartbeats due and not sent, since all connections are full or lost
 * @param changesWaiting registrations and cancels not sent yet
 * @param inFlight requests without a response yet
 * @param connectionsOpen open connections to the servers in use
 * @param lastLoss reason why a connection last ended or failed to open; empty if none did
 * @param servers state of each server, in the order of the first loop
 * @param callbackFailures exceptions thrown by the application's listeners, suppliers and updates
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

  /** The state of a client without instances. */
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
