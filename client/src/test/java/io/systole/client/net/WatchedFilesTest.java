// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class WatchedFilesTest {
  private final ListAppender<ILoggingEvent> log = new ListAppender<>();

  @BeforeEach
  void collectLog() {
    log.start();
    ((Logger) LoggerFactory.getLogger(WatchedFiles.class)).addAppender(log);
  }

  @AfterEach
  void stopCollecting() {
    ((Logger) LoggerFactory.getLogger(WatchedFiles.class)).detachAppender(log);
  }

  /** Regression: a reload by an operator was silent while the file remained missing. */
  @Test
  void reload_fileStillMissing_isLoggedAgain(@TempDir Path folder) throws IOException {
    Path file = Files.writeString(folder.resolve("a"), "1");
    try (WatchedFiles<String> files =
        new WatchedFiles<>("files", List.of(file), previous -> text(file))) {
      Files.delete(file);
      assertThat(files.reload()).isFalse();
      assertThat(files.reload()).isFalse();
      assertThat(log.list)
          .hasSize(2)
          .allSatisfy(event -> assertThat(event.getFormattedMessage())
              .isEqualTo("changed files are unusable, keeping the previous ones: no file"));
      assertThat(files.current()).isEqualTo("1");

      Files.writeString(file, "2");
      assertThat(files.reload()).isTrue();
      assertThat(files.reload()).isFalse();
      assertThat(log.list).hasSize(3);
      assertThat(files.current()).isEqualTo("2");
    }
  }

  private static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException missing) {
      throw new IllegalArgumentException("no file", missing);
    }
  }
}
