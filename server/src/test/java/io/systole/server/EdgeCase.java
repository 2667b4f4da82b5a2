// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * One row of the edge cases. {@code edge-cases.txt} describes its syntax.
 *
 * @param row number in spec §8
 * @param options options of the node
 */
record EdgeCase(int row, String name, Map<String, String> options, List<String> steps) {
  private static final Pattern TITLE = Pattern.compile("(\\d+) ([^\\[]+)(.*)");
  private static final Pattern OPTION = Pattern.compile("(--[a-z-]+)=(\\w+)");

  static List<EdgeCase> all() {
    List<EdgeCase> cases = new ArrayList<>();
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(
        EdgeCase.class.getResourceAsStream("edge-cases.txt"), StandardCharsets.UTF_8))) {
      boolean isTitle = true;
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.isBlank()) {
          isTitle = true;
        } else if (!line.startsWith("#")) {
          if (isTitle) {
            cases.add(begun(line));
          } else {
            cases.get(cases.size() - 1).steps.add(line);
          }
          isTitle = false;
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return cases;
  }

  private static EdgeCase begun(String line) {
    MatchResult title = TITLE.matcher(line).results().findFirst().orElseThrow();
    Map<String, String> options = new HashMap<>();
    OPTION
        .matcher(title.group(3))
        .results()
        .forEach(option -> options.put(option.group(1), option.group(2)));
    return new EdgeCase(
        Integer.parseInt(title.group(1)), title.group(2).strip(), options, new ArrayList<>());
  }

  @Override
  public String toString() {
    return "row " + row + ": " + name;
  }
}
