// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The names in a data directory, and the lock on it. Names in their order are files in theirs. */
final class DataDirectory {
  /**
   * A file of the store.
   *
   * @param version of the change before the first that it tells
   */
  record StoredFile(Path path, FileHeader.Kind kind, long version) {
    String name() {
      return String.valueOf(path.getFileName());
    }
  }

  static final String LOCK = "lock";
  static final String UNFINISHED = "snapshot.unfinished";

  /** Two journals may begin at one version, when nothing changed between two starts. */
  private static final int TWINS_MAX = 10_000;

  private static final Pattern NAME =
      Pattern.compile("(journal)-(\\d{16})-\\d{4}\\.log|(snapshot)-(\\d{16})\\.snap");

  private final Path path;

  DataDirectory(Path path) {
    this.path = path;
  }

  Path path() {
    return path;
  }

  Path unfinishedSnapshot() {
    return path.resolve(UNFINISHED);
  }

  Path snapshot(long version) {
    return path.resolve("snapshot-%016d.snap".formatted(version));
  }

  /** The name of a journal that isn't there yet. */
  Path newJournal(long version) throws IOException {
    for (int twin = 0; twin < TWINS_MAX; twin++) {
      Path file = path.resolve("journal-%016d-%04d.log".formatted(version, twin));
      if (Files.notExists(file)) {
        return file;
      }
    }
    throw new IOException(
        "%d journals begin at version %d in %s".formatted(TWINS_MAX, version, path));
  }

  List<StoredFile> journals() throws IOException {
    return files().stream().filter(file -> file.kind == FileHeader.Kind.JOURNAL).toList();
  }

  List<StoredFile> snapshots() throws IOException {
    return files().stream()
        .filter(file -> file.kind == FileHeader.Kind.SNAPSHOT)
        .toList();
  }

  /** Every file of the store, the oldest first. */
  List<StoredFile> files() throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      return all.flatMap(DataDirectory::known)
          .sorted(Comparator.comparingLong(StoredFile::version).thenComparing(StoredFile::name))
          .toList();
    }
  }

  private static Stream<StoredFile> known(Path file) {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    if (!name.matches()) {
      return Stream.empty();
    }
    boolean isJournal = name.group(1) != null;
    return Stream.of(new StoredFile(
        file,
        isJournal ? FileHeader.Kind.JOURNAL : FileHeader.Kind.SNAPSHOT,
        Long.parseLong(isJournal ? name.group(2) : name.group(4))));
  }

  /** Makes the directory, for its owner alone: documents may carry what not everybody may read. */
  void make() throws IOException {
    if (Files.isDirectory(path)) {
      return;
    }
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
      FileStore store = Files.getFileStore(parent);
      if (store.supportsFileAttributeView(PosixFileAttributeView.class)) {
        Files.createDirectory(
            path,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        return;
      }
    }
    Files.createDirectories(path);
  }

  /**
   * Takes the directory for this node; it is free again when the channel is closed. Null when
   * another node has it.
   */
  @Nullable
  FileChannel lock() throws IOException {
    FileChannel channel =
        FileChannel.open(path.resolve(LOCK), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException ours) {
      // Another node of this very process is another node.
    } catch (IOException failure) {
      channel.close();
      throw failure;
    }
    channel.close();
    return null;
  }
}
