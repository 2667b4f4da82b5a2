// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/** Something that is done to the fleet or to the target while it is driven. */
sealed interface ScenarioAction
    permits RollingReplace,
        RestartTarget,
        RegistrationStorm,
        StopHeartbeats,
        ResumeHeartbeats,
        FlapInstances,
        ReaderPlan,
        SlowConnections,
        HalfOpenConnections {

  /** Returns how long it takes, ms; 0 when it is done at once or lasts to the end. */
  default long lastsMs() {
    return 0;
  }

  /** Does it, on a thread of its own that is interrupted at the end of the window. */
  void run(ScenarioContext context) throws InterruptedException;
}
