// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir
  private Path folder;

  @Test
  void create_filesAndDirectory_areAccessibleToTheOwnerOnly() throws Exception {
    DataDirectory directory = new DataDirectory(folder.resolve("data"));
    directory.create();
    Path journal = directory.newJournal(1);

    Storage.REAL.create(journal).close();
    try (DirectoryLock lock = directory.tryLock()) {
      assertThat(lock).isNotNull();

      assertThat(permissions(directory.path())).isEqualTo("rwx------");
      assertThat(permissions(journal)).isEqualTo("rw-------");
      assertThat(permissions(directory.path().resolve(DataDirectory.LOCK))).isEqualTo("rw-------");
    }
  }

  /** Closing a second channel on the file released the lock. */
  @Test
  void tryLock_twiceInOneProcess_keepsTheLockAgainstOthers() throws Exception {
    DataDirectory directory = new DataDirectory(folder);
    try (DirectoryLock first = directory.tryLock()) {
      assertThat(first).isNotNull();
      assertThat(new DataDirectory(folder.resolve(".")).tryLock()).isNull();

      assertThat(lockOfAnotherProcess()).isEqualTo("taken");
    }
    assertThat(lockOfAnotherProcess()).isEqualTo("free");
  }

  @Test
  void owner_claimed_isVisibleAfterTheNextLock() throws Exception {
    DataDirectory directory = new DataDirectory(folder);
    try (DirectoryLock lock = directory.lock(0)) {
      assertThat(lock.owner()).isEmpty();
      assertThat(lock.lastAliveMs()).isZero();
      lock.claim("a run with a long name", 1_000_000);
      lock.claim("another", 7);
    }

    try (DirectoryLock lock = directory.lock(0)) {
      assertThat(lock.owner()).isEqualTo("another");
      assertThat(lock.lastAliveMs()).isEqualTo(7);
    }
  }

  private String lockOfAnotherProcess() throws Exception {
    Process process = new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Prober.class.getName(),
            folder.resolve(DataDirectory.LOCK).toString())
        .start();
    assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
    return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
  }

  /** Opening a pipe without a writer blocked startup forever. */
  @Test
  void files_pipeNamedLikeAJournal_isIgnored() throws Exception {
    Path pipe = folder.resolve("journal-0000000000000001-0000.log");
    Process made = new ProcessBuilder("mkfifo", pipe.toString()).start();
    assertThat(made.waitFor(20, TimeUnit.SECONDS)).isTrue();
    DataDirectory directory = new DataDirectory(folder);
    Storage.REAL.create(directory.newJournal(2)).close();

    assertThat(pipe).exists();
    assertThat(directory.files()).extracting(DataDirectory.StoredFile::version).containsExactly(2L);
  }

  /** Main class of another process: prints whether a file is locked. */
  static final class Prober {
    private Prober() {}

    public static void main(String[] arguments) throws Exception {
      try (FileChannel channel =
          FileChannel.open(Path.of(arguments[0]), StandardOpenOption.WRITE)) {
        System.out.println(channel.tryLock() == null ? "taken" : "free");
      }
    }
  }

  private static String permissions(Path path) throws Exception {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
