// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/** All that are silent beat again; those that were evicted meanwhile will be told 404. */
record ResumeHeartbeats() implements ScenarioAction {
  @Override
  public void run(ScenarioContext context) throws InterruptedException {
    context.evictions().finish();
    context.recordEvent("resume-heartbeats: " + context.fleet().resumeHeartbeats() + " instances beat again");
  }
}
