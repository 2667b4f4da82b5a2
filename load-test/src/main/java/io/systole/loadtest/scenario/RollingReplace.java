// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * A deployment wave: instances cancel and come back under new ids, evenly over a time.
 *
 * @param share of the fleet
 * @param overMs from the first to the last
 */
record RollingReplace(double share, long overMs) implements ScenarioAction {
  static RollingReplace of(YamlFields fields) {
    return new RollingReplace(
        fields.share("share"), fields.duration("over", 0, 0, ScenarioReader.DURATION_MS_MAX));
  }

  @Override
  public long lastsMs() {
    return overMs;
  }

  @Override
  public void run(ScenarioContext context) throws InterruptedException {
    int[] positions = context.fleet().choose(share);
    context.recordEvent("replace: " + positions.length + " instances begin to give way to new ones");
    context.runEvenly(positions, overMs, context.fleet()::replace);
    context.recordEvent("replace: the last of " + positions.length + " is on its way");
  }
}
