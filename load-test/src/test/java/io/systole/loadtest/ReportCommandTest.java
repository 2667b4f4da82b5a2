// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.loadtest.report.html.Series;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class ReportCommandTest {
  private static final int WRITTEN = 0;
  private static final int FAILED = 1;
  private static final int USAGE_ERROR = 2;

  private final StringWriter err = new StringWriter();

  @TempDir
  Path folder;

  private int execute(Path... files) {
    CommandLine commandLine = LoadTest.commandLine();
    commandLine.setErr(new PrintWriter(err, true));
    List<String> arguments = new ArrayList<>(List.of("report", "--out=" + page()));
    for (Path file : files) {
      arguments.add(file.toString());
    }
    return commandLine.execute(arguments.toArray(String[]::new));
  }

  private Path page() {
    return folder.resolve("page.html");
  }

  /** Returns a report written with {@code --json}. */
  private static Path run() throws URISyntaxException {
    return Path.of(ReportCommandTest.class.getResource("run.json").toURI());
  }

  @Test
  void report_oneRun_isAPageOfIt() throws Exception {
    int code = execute(run());

    assertThat(code).as("%s", err).isEqualTo(WRITTEN);
    assertThat(page()).content().contains("<h1>run http://127.0.0.1:8761/v2</h1>");
  }

  @Test
  void report_runsOfTheSameName_areNamedByTheirFiles() throws Exception {
    Path other = Files.copy(run(), folder.resolve("other.json"));

    int code = execute(run(), other);

    assertThat(code).as("%s", err).isEqualTo(WRITTEN);
    assertThat(page())
        .content()
        .contains("run http://127.0.0.1:8761/v2 (" + run() + ") and run http://127.0.0.1:8761/v2 ("
            + other + ")");
  }

  @Test
  void report_fileOfAnotherShape_failsNamingItAndWritesNothing() throws Exception {
    Path other = Files.writeString(folder.resolve("other.json"), "{\"name\": \"a\"}");

    int code = execute(run(), other);

    assertThat(code).isEqualTo(FAILED);
    assertThat(err.toString()).startsWith("FAILED: " + other + " is not a report");
    assertThat(page()).doesNotExist();
  }

  @Test
  void report_noFileOrTooMany_isUsageError() throws Exception {
    Path[] nine = Collections.nCopies(Series.ALL_SERIES_MAX + 1, run()).toArray(Path[]::new);

    assertThat(execute()).isEqualTo(USAGE_ERROR);
    assertThat(execute(nine)).isEqualTo(USAGE_ERROR);
    assertThat(err.toString()).contains("9 runs; a page shows at most 8");
  }

  @Test
  void report_unwritableFile_fails() throws IOException, URISyntaxException {
    Files.createDirectory(page());

    int code = execute(run());

    assertThat(code).isEqualTo(FAILED);
    assertThat(err.toString()).contains("FAILED: ").contains(page().toString());
  }
}
