// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import java.net.URI;

/**
 * How one server is seen by a client, whose event loops each see for themselves.
 *
 * @param url without credentials
 * @param zone the name of its zone
 * @param loopsUsing how many event loops ask it now
 * @param failures how often it could not be connected to, was lost, or was left for its refusals
 * @param lastLoss why a connection to it last ended or could not be opened; empty when none did
 * @param waitingUntilMs epoch ms until which a loop leaves it alone; 0 when none does
 */
public record ServerState(
    URI url, String zone, int loopsUsing, long failures, String lastLoss, long waitingUntilMs) {

  /** Returns the view of several loops of the same server. */
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
