// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Sections of the specification cited in comments must exist. */
class CitationsTest {
  private static final Pattern CITATION = Pattern.compile("spec §(\\d+(?:\\.\\d+)?)");
  private static final Pattern HEADING =
      Pattern.compile("^##+ (\\d+(?:\\.\\d+)?)\\.? ", Pattern.MULTILINE);

  @Test
  void comments_citeSectionsThatExist() throws IOException {
    Set<String> sections = numbers(HEADING, Files.readString(Path.of("../protocol/README.md")));
    Set<String> cited = new TreeSet<>(citedUnder("../protocol/src"));
    cited.addAll(citedUnder("src"));

    assertThat(cited).hasSizeGreaterThan(20).isSubsetOf(sections);
  }

  private static Set<String> numbers(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> citedUnder(String directory) throws IOException {
    Set<String> cited = new TreeSet<>();
    try (Stream<Path> files = Files.walk(Path.of(directory))) {
      for (Path file : files.filter(each -> each.toString().endsWith(".java")).toList()) {
        cited.addAll(numbers(CITATION, Files.readString(file)));
      }
    }
    return cited;
  }
}
