// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The results of a run: figures, printed at once, and failures. Thread-safe. */
final class Findings {
  private final List<String> faults = new CopyOnWriteArrayList<>();
  private final long beganNs = System.nanoTime();

  void note(String text) {
    long second = TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - beganNs);
    System.out.printf("%4d s  %s%n", second, text);
  }

  void add(String fault) {
    faults.add(fault);
    note("FAULT " + fault);
  }

  void addAll(FleetReport fleet) {
    fleet.lost().forEach((what, count) -> add(count + " settled registrations lost: " + what));
    addCount(fleet.wrongResponses(), "heartbeats with a status other than 200 and 404");
    addCount(fleet.connectionsLost(), "connections of the fleet ended by a running node");
    addCount(fleet.hangs(), "connections of the fleet without any response in time");
  }

  private void addCount(int count, String what) {
    if (count > 0) {
      add(count + " " + what);
    }
  }

  List<String> all() {
    return faults;
  }
}
