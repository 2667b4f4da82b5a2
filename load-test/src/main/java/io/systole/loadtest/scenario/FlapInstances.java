// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

/**
 * Instances that come and go to the end of the window: each cancels, registers again one period
 * later under its own id, and so on.
 *
 * @param share of the fleet
 * @param everyMs between a going and the next coming
 */
record FlapInstances(double share, long everyMs) implements ScenarioAction {
  private static final long EVERY_MS_MIN = 100;

  static FlapInstances of(YamlFields fields) {
    return new FlapInstances(
        fields.share("share"),
        fields.duration("every", EVERY_MS_MIN, ScenarioReader.DURATION_MS_MAX));
  }

  @Override
  public void run(ScenarioContext context) throws InterruptedException {
    int[] positions = context.fleet().choose(share);
    context.recordEvent("flap: " + positions.length + " instances begin to come and go");
    try {
      while (!Thread.interrupted()) {
        context.runEvenly(positions, everyMs, context.fleet()::cancel);
        context.runEvenly(positions, everyMs, context.fleet()::register);
      }
    } finally {
      for (int position : positions) {
        context.fleet().register(position);
      }
    }
  }
}
