// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest;

import static org.assertj.core.api.Assertions.assertThat;

import io.systole.client.archive.UnpackedArchive;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The archive that the build packs: its contents, and the load test that is run from it. */
class LoadTestArchiveIT {
  private static final long RUN_SECONDS = 60;

  /** The provider of SLF4J, which no class refers to. */
  private static final Set<String> LOADED_BY_NAME = Set.of("logback-classic", "logback-core");

  @TempDir
  static Path folder;

  private static UnpackedArchive archive;

  @BeforeAll
  static void unpack() throws Exception {
    archive = UnpackedArchive.in(Path.of("target"), "systole-load-test", folder);
  }

  /** If it has too many, leave them out in src/assembly/archive.xml; if it lacks some, don't. */
  @Test
  void archive_libraries_areThoseThatTheLoadTestReaches() throws Exception {
    Set<String> expected = new TreeSet<>(archive.reachableFrom("systole-load-test"));
    expected.addAll(LOADED_BY_NAME);

    assertThat(archive.libraries()).isEqualTo(expected);
  }

  @Test
  void archive_libraries_areNamedInTheNotice() throws Exception {
    assertThat(archive.librariesWithoutNotice()).isEmpty();
  }

  @Test
  void archive_startedWithoutMaven_runs() throws Exception {
    Process process = archive
        .command("load-test", List.of("--help"))
        .redirectErrorStream(true)
        .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(process.waitFor(RUN_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(process.exitValue()).as(output).isZero();
    assertThat(output).contains("scenario");
  }
}
