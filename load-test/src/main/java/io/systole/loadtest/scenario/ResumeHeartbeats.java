// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/** All that are silent beat again; those that were evicted meanwhile will be told 404. */
record ResumeHeartbeats() implements ScenarioAction {
  @Override
  public void play(ScenarioContext stage) throws InterruptedException {
    stage.evictions().conclude();
    stage.tell("wake: " + stage.fleet().wake() + " instances beat again");
  }
}
