// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * A mass silent death: instances stop to beat and don't cancel. How many the registry gives up, and
 * when, is watched until they wake or the window ends.
 *
 * @param share of the fleet
 */
record StopHeartbeats(double share) implements ScenarioAction {
  static StopHeartbeats of(YamlFields fields) {
    return new StopHeartbeats(fields.share("share"));
  }

  @Override
  public void run(ScenarioContext context) throws InterruptedException {
    int[] positions = context.fleet().choose(share);
    context.evictions().onHeartbeatsStopped(positions.length);
    for (int position : positions) {
      context.fleet().stopHeartbeats(position);
    }
    context.recordEvent("stop-heartbeats: " + positions.length + " instances stop to beat");
  }
}
