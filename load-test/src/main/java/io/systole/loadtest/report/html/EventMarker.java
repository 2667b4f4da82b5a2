// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.report.html;

import java.util.ArrayList;
import java.util.List;

/**
 * An event as the plots and the table show it.
 *
 * @param number by which the two refer to each other, from 1 on
 * @param series index of the side it happened to
 * @param whose name of the round
 * @param atSecs seconds from the start of that round's window
 */
record EventMarker(int number, int series, String whose, double atSecs, String what) {

  static List<EventMarker> of(List<Series> allSeries) {
    List<EventMarker> marks = new ArrayList<>();
    for (int i = 0; i < allSeries.size(); i++) {
      int series = i;
      SummarySection.eachRound(
          List.of(allSeries.get(i)),
          (whose, report) -> report
              .events()
              .forEach(event -> marks.add(
                  new EventMarker(marks.size() + 1, series, whose, event.atSecs(), event.what()))));
    }
    return marks;
  }
}
