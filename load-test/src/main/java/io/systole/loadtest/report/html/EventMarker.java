// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import java.util.ArrayList;
import java.util.List;

/**
 * An event as shown in the plots and the table.
 *
 * @param number reference between plot and table, from 1
 * @param seriesIndex of the series it belongs to
 * @param run name of the round
 * @param atSecs seconds from the start of the round's window
 */
record EventMarker(int number, int seriesIndex, String run, double atSecs, String text) {

  static List<EventMarker> of(List<Series> allSeries) {
    List<EventMarker> markers = new ArrayList<>();
    for (int i = 0; i < allSeries.size(); i++) {
      int seriesIndex = i;
      SummarySection.forEachRound(
          List.of(allSeries.get(i)),
          (run, report) -> report
              .events()
              .forEach(event -> markers.add(new EventMarker(
                  markers.size() + 1, seriesIndex, run, event.atSecs(), event.text()))));
    }
    return markers;
  }
}
