// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import io.systole.client.api.TlsFiles;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The file of peers as it is rewritten, damaged or replaced by something else. */
class PeerUrlsTest {
  private static final Duration LIMIT = Duration.ofSeconds(20);
  private static final URI FIRST = URI.create("http://one.test:8761/eureka");
  private static final URI SECOND = URI.create("http://two.test:8761/eureka");

  @TempDir
  Path directory;

  private Path file;
  private PeerUrls urls;

  @BeforeEach
  void write() throws IOException {
    file = Files.writeString(directory.resolve("peers"), FIRST + " # one\n");
    urls = new PeerUrls(new PeerSettings(List.of(), file, 1_000, TlsFiles.NONE, false));
    assertThat(urls.read()).containsExactly(FIRST);
  }

  /** Regression: a file read in the moment of its rewriting removed all peers. */
  @ParameterizedTest
  @ValueSource(strings = {"", "\n \n", "# none\n"})
  void read_fileHasNoUrl_keepsThePeersAndWarnsOnce(String text) throws IOException {
    Files.writeString(file, text);

    assertKeptWithOneWarning("no URL, nor the word none");

    Files.writeString(file, SECOND.toString());
    assertThat(urls.read()).containsExactly(SECOND);
  }

  /** Editors of some systems write one; the file was unusable. */
  @Test
  void read_fileBeginsWithAByteOrderMark_returnsItsPeers() throws IOException {
    Files.writeString(file, "\uFEFF" + SECOND);
    assertThat(urls.read()).containsExactly(SECOND);

    Files.writeString(file, "\uFEFFnone\n");
    assertThat(urls.read()).isEmpty();
  }

  @Test
  void read_fileHasTheWordNone_removesThePeers() throws IOException {
    Files.writeString(file, "none\n");

    assertThat(urls.read()).isEmpty();
  }

  /** Regression: the peer thread never returned from opening the pipe. */
  @Test
  void read_fileIsAPipe_keepsThePeersAndWarnsOnce() throws Exception {
    Files.delete(file);
    assertThat(new ProcessBuilder("mkfifo", file.toString()).start().waitFor()).isZero();

    assertKeptWithOneWarning("not a regular file");
  }

  /** Regression: the device was read until memory was exhausted. */
  @Test
  void read_fileLeadsToADevice_keepsThePeersAndWarnsOnce() throws IOException {
    Files.delete(file);
    Files.createSymbolicLink(file, Path.of("/dev/null"));

    assertKeptWithOneWarning("not a regular file");
  }

  @Test
  void read_fileIsTooLarge_keepsThePeersAndWarnsOnce() throws IOException {
    Files.writeString(file, SECOND + "\n" + "#".repeat(PeerUrls.FILE_BYTES_MAX));

    assertKeptWithOneWarning("more than 262144 bytes");
  }

  @Test
  void read_fileIsMissing_keepsThePeersAndWarnsOnce() throws IOException {
    Files.delete(file);

    assertKeptWithOneWarning("NoSuchFile");
  }

  private void assertKeptWithOneWarning(String reason) {
    List<String> warnings = PeerFixture.capture(file.toString(), Level.WARN, () -> {
      for (int i = 0; i < 3; i++) {
        assertThat(CompletableFuture.supplyAsync(urls::read))
            .succeedsWithin(LIMIT)
            .isEqualTo(List.of(FIRST));
      }
    });

    assertThat(warnings).singleElement().satisfies(w -> assertThat(w).contains(reason));
  }
}
