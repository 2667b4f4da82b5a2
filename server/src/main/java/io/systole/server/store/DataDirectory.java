// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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

  /** How often a start looks whether another node has left the directory. */
  private static final long LOCK_POLL_MS = 50;

  private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

  /** What the system calls failures for which there is no exception of their own. */
  private static final List<String> LASTING =
      List.of("Read-only file system", "Operation not permitted", "Not a directory");

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
    if (isSpecial(file)) {
      LOG.warn("passed over what is not a regular file file={}", file);
      return Stream.empty();
    }
    boolean isJournal = name.group(1) != null;
    return Stream.of(new StoredFile(
        file,
        isJournal ? FileHeader.Kind.JOURNAL : FileHeader.Kind.SNAPSHOT,
        Long.parseLong(isJournal ? name.group(2) : name.group(4))));
  }

  /** Whether it is a pipe, a socket or a device, which may keep a reader for ever. */
  private static boolean isSpecial(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).isOther();
    } catch (IOException unknown) {
      // Reported when it is read.
      return false;
    }
  }

  /**
   * Creates the directory, for its owner alone, unless it exists.
   *
   * @throws IOException also if there is a file of that name
   */
  void make() throws IOException {
    if (Files.isDirectory(path)) {
      return;
    }
    if (Files.exists(path)) {
      throw new NotDirectoryException(path.toString());
    }
    Path parent = path.toAbsolutePath().getParent();
    if (parent != null) {
      Files.createDirectories(parent);
    }
    Files.createDirectory(path, FilePermissions.forDirectory(path));
  }

  /**
   * Locks the directory for this node, and waits for another one that is about to stop: in a
   * rolling restart on one volume the next node starts before the last one has ended.
   */
  DirectoryLock lock(long waitMs) throws IOException {
    for (long waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
      DirectoryLock lock = tryLock();
      if (lock != null) {
        return lock;
      }
      if (waitedMs >= waitMs) {
        throw new IOException("another node uses it, waited " + waitMs + " ms for it to end");
      }
      if (waitedMs == 0) {
        LOG.info("waiting for another node to leave directory={}", path);
      }
      try {
        Thread.sleep(LOCK_POLL_MS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while another node uses it");
      }
    }
  }

  /** Locks the directory for this node; null while another node has it. */
  @Nullable
  DirectoryLock tryLock() throws IOException {
    return DirectoryLock.tryLock(path, path.resolve(LOCK));
  }

  /**
   * Whether a failure to write lasts until an operator changes something: a permission, a mount
   * option, the kind of a file. A full disk or an I/O error may pass.
   */
  static boolean isLasting(IOException failure) {
    if (failure instanceof AccessDeniedException || failure instanceof NotDirectoryException) {
      return true;
    }
    String reason = failure instanceof FileSystemException named
        ? String.valueOf(named.getReason())
        : String.valueOf(failure.getMessage());
    return LASTING.stream().anyMatch(reason::startsWith);
  }

  /** Explains to an operator why a node can't start with the directory. */
  IOException unusable(IOException failure) {
    return new IOException(
        "can't use the data directory " + path + ": " + reasonOf(failure)
            + " (--data-dir names another, or none to keep the registry in memory only)",
        failure);
  }

  private static String reasonOf(IOException failure) {
    if (failure instanceof NotDirectoryException) {
      return "it is not a directory";
    }
    if (failure instanceof AccessDeniedException denied) {
      return "no permission for " + denied.getFile();
    }
    // The message of the others is often no more than a path.
    return failure instanceof FileSystemException
        ? failure.toString()
        : String.valueOf(failure.getMessage());
  }
}
