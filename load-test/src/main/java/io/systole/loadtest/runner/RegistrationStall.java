// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.ClientState;
import java.util.Locale;
import java.util.Map;

/** The probable cause of a stalled registration, from the client's state. */
final class RegistrationStall {
  private RegistrationStall() {}

  /**
   * Returns the cause in one line.
   *
   * @param ms time without an accepted registration
   * @param accepted registrations accepted before
   * @param failures registrations without a response, by reason
   */
  static String describe(long ms, long accepted, ClientState state, Map<String, Long> failures) {
    return String.format(
        Locale.ROOT,
        "no registration accepted for %d ms, after %,d: %s; without a response so far: %s;"
            + " last connection loss: %s",
        ms,
        accepted,
        cause(state),
        failures.isEmpty() ? "none" : failures,
        state.lastLoss().isEmpty() ? "none" : state.lastLoss());
  }

  private static String cause(ClientState state) {
    if (state.connectionsOpen() == 0) {
      return "no connection is open";
    }
    String load = String.format(
        Locale.ROOT,
        "%,d requests in flight on %,d connections, %,d registrations not sent yet",
        state.inFlight(),
        state.connectionsOpen(),
        state.changesWaiting());
    return state.inFlight() > 0
        ? "the target does not respond, " + load
        : "nothing is being sent, " + load;
  }
}
