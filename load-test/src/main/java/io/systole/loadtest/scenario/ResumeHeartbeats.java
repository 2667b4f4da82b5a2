// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/** All that are silent beat again; those that were evicted meanwhile will be told 404. */
record ResumeHeartbeats() implements ScenarioAction {
  @Override
  public void run(ScenarioContext context) throws InterruptedException {
    context.evictions().conclude();
    context.report("wake: " + context.fleet().wake() + " instances beat again");
  }
}
