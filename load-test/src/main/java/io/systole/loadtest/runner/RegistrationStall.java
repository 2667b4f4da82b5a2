// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import io.systole.client.ClientState;
import java.util.Locale;
import java.util.Map;

/** The cause of a fleet that does not get registered, as far as the client shows it. */
final class RegistrationStall {
  private RegistrationStall() {}

  /**
   * Returns it in one line.
   *
   * @param ms for which none was accepted
   * @param accepted before that
   * @param failures registrations without an answer, by reason
   */
  static String describe(long ms, long accepted, ClientState state, Map<String, Long> failures) {
    return String.format(
        Locale.ROOT,
        "no registration was accepted for %d ms, after %,d: %s; without an answer so far: %s;"
            + " last connection lost: %s",
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
        ? "the target does not answer, " + load
        : "nothing is being sent, " + load;
  }
}
