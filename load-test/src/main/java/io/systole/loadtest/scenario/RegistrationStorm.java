// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * A storm: instances that are registered send their registration again.
 *
 * @param share of the fleet
 * @param overMs from the first to the last; 0 hands them to the client all at once
 */
record RegistrationStorm(double share, long overMs) implements ScenarioAction {
  static RegistrationStorm of(YamlFields fields) {
    return new RegistrationStorm(
        fields.share("share"), fields.duration("over", 0, 0, ScenarioReader.DURATION_MS_MAX));
  }

  @Override
  public long lastsMs() {
    return overMs;
  }

  @Override
  public void run(ScenarioContext context) throws InterruptedException {
    int[] positions = context.fleet().choose(share);
    context.recordEvent("reregister: " + positions.length + " instances register again");
    context.runEvenly(positions, overMs, context.fleet()::reregister);
  }
}
