// SPDX-License-Identifier: Apache-2.0
package io.systole.client.api;

import java.net.URI;

/**
 * The state of one server, combined over all event loops of a client.
 *
 * @param url without credentials
 * @param zone name of its zone
 * @param loopsUsing number of event loops that use it
 * @param failures number of failed attempts, losses, and moves away because of overload
 * @param lastLoss reason why a connection to it last ended or failed to open; empty if none did
 * @param waitingUntilMs epoch ms until which a loop does not use it; 0 if none waits
 */
public record ServerState(
    URI url, String zone, int loopsUsing, long failures, String lastLoss, long waitingUntilMs) {

  /** Returns the combined state of several loops. */
  public ServerState plus(ServerState other) {
    return new ServerState(
        url,
        zone,
        loopsUsing + other.loopsUsing,
        failures + other.failures,
        lastLoss.isEmpty() ? other.lastLoss : lastLoss,
        Math.max(waitingUntilMs, other.waitingUntilMs));
  }
}
