// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.figures;

import java.io.IOException;
import java.nio.file.Path;

/**
 * The page of all published figures. The prose is written by hand; each table is between two
 * comments that name its set.
 *
 * <pre>
 *   &lt;!-- figures renew --&gt;
 *   … generated from results/renew.json
 *   &lt;!-- end renew --&gt;
 * </pre>
 */
final class ResultsPage {
  private final Path results;

  /** @param results the directory of raw results */
  ResultsPage(Path results) {
    this.results = results;
  }

  /**
   * Returns the page with every table regenerated.
   *
   * @throws IOException if raw results cannot be read, or the page lacks the comments of a set
   */
  String filled(String page) throws IOException {
    String filled = page;
    for (FigureSet set : FigureSet.values()) {
      String start = "<!-- figures " + set.label() + " -->\n";
      String end = "<!-- end " + set.label() + " -->";
      int from = filled.indexOf(start);
      int to = filled.indexOf(end, from);
      if (from < 0 || to < 0) {
        throw new IOException("page lacks \"" + start.strip() + "\" and \"" + end + "\"");
      }
      String table = new ResultTable(set, results).markdown();
      filled = filled.substring(0, from) + start + "\n" + table + "\n" + filled.substring(to);
    }
    return filled;
  }
}
