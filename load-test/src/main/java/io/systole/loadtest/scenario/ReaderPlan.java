// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.systole.loadtest.read.ReadLoad;
import io.systole.loadtest.runner.Fleet;

/**
 * Clients that read, each at the same rhythm from its own moment on, to the end of the window.
 *
 * @param delta clients that ask for all once and for changes from then on, as those in the field do
 * @param full clients that ask for all each time
 * @param application clients that ask for one application each time
 * @param vip clients that ask for one VIP address each time
 * @param everyMs between a client's reads
 */
record ReaderPlan(int delta, int full, int application, int vip, long everyMs)
    implements ScenarioAction {
  private static final int CLIENTS_MAX = 100_000;
  private static final long EVERY_MS = 30_000;
  private static final long EVERY_MS_MIN = 10;

  static ReaderPlan of(YamlFields fields) {
    ReaderPlan readers = new ReaderPlan(
        fields.count("delta", 0, 0, CLIENTS_MAX),
        fields.count("full", 0, 0, CLIENTS_MAX),
        fields.count("application", 0, 0, CLIENTS_MAX),
        fields.count("vip", 0, 0, CLIENTS_MAX),
        fields.duration("every", EVERY_MS, EVERY_MS_MIN, ScenarioReader.DURATION_MS_MAX));
    if (readers.count() == 0) {
      throw fields.error("delta", "and full, application, vip are all 0: nobody would read");
    }
    return readers;
  }

  int count() {
    return delta + full + application + vip;
  }

  @Override
  public void run(ScenarioContext context) {
    context.recordEvent("readers: " + delta + " of deltas, " + full + " of all, " + application
        + " of an application, " + vip + " of a VIP address, every "
        + MetricUnit.ofMs(everyMs));
    var load = new ReadLoad(context.target(), everyMs);
    load.add(delta, "/apps/", "/apps/delta");
    load.add(full, "/apps/", "/apps/");
    int applications = context.scenario().fleet().applications();
    for (int nth = 0; nth < application; nth++) {
      String path = "/apps/" + Fleet.application(nth % applications);
      load.add(1, path, path);
    }
    for (int nth = 0; nth < vip; nth++) {
      String path = "/vips/" + Fleet.application(nth % applications);
      load.add(1, path, path);
    }
    context.read(load);
  }
}
