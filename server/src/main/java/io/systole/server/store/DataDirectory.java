// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.Closeable;
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

/** The files of a data directory and its lock. File names sort in the order of their versions. */
final class DataDirectory {
  /**
   * A file of the store.
   *
   * @param version registry version that precedes the first change in the file
   */
  record StoredFile(Path path, FileHeader.Kind kind, long version) {
    String name() {
      return String.valueOf(path.getFileName());
    }
  }

  static final String LOCK = "lock";
  static final String UNFINISHED = "snapshot.unfinished";

  /** Two journals start at the same version if nothing changed between two starts of the node. */
  private static final int JOURNALS_PER_VERSION_MAX = 10_000;

  /** Interval at which startup retries the lock. */
  private static final long LOCK_POLL_MS = 50;

  private static final Logger LOG = LoggerFactory.getLogger(DataDirectory.class);

  /** Reasons in messages of failures that have no specific exception type. */
  private static final List<String> PERMANENT_REASONS =
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

  /** Returns an unused file name for a journal that starts at {@code version}. */
  Path newJournal(long version) throws IOException {
    for (int number = 0; number < JOURNALS_PER_VERSION_MAX; number++) {
      Path file = path.resolve("journal-%016d-%04d.log".formatted(version, number));
      if (Files.notExists(file)) {
        return file;
      }
    }
    throw new IOException(
        "%d journals start at version %d in %s".formatted(JOURNALS_PER_VERSION_MAX, version, path));
  }

  List<StoredFile> journals() throws IOException {
    return files().stream().filter(file -> file.kind == FileHeader.Kind.JOURNAL).toList();
  }

  List<StoredFile> snapshots() throws IOException {
    return files().stream()
        .filter(file -> file.kind == FileHeader.Kind.SNAPSHOT)
        .toList();
  }

  /** Returns all files of the store, oldest first. */
  List<StoredFile> files() throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      return all.flatMap(DataDirectory::storedFile)
          .sorted(Comparator.comparingLong(StoredFile::version).thenComparing(StoredFile::name))
          .toList();
    }
  }

  private static Stream<StoredFile> storedFile(Path file) {
    Matcher name = NAME.matcher(String.valueOf(file.getFileName()));
    if (!name.matches()) {
      return Stream.empty();
    }
    if (isSpecial(file)) {
      LOG.warn("ignored: not a regular file file={}", file);
      return Stream.empty();
    }
    boolean isJournal = name.group(1) != null;
    return Stream.of(new StoredFile(
        file,
        isJournal ? FileHeader.Kind.JOURNAL : FileHeader.Kind.SNAPSHOT,
        Long.parseLong(isJournal ? name.group(2) : name.group(4))));
  }

  /** Returns whether the path is a pipe, socket or device, which may block a reader forever. */
  private static boolean isSpecial(Path file) {
    try {
      return Files.readAttributes(file, BasicFileAttributes.class).isOther();
    } catch (IOException unknown) {
      // Reported when the file is read.
      return false;
    }
  }

  /**
   * Creates the directory, accessible to its owner only, unless it exists.
   *
   * @throws IOException also if there is a file of that name
   */
  void create() throws IOException {
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
   * Checks that the directory and its lock file, or the directory in which {@link #create} makes
   * it, can be written to.
   */
  void requireWritable() throws IOException {
    Path existing = path.toAbsolutePath();
    Path parent = existing.getParent();
    while (parent != null && Files.notExists(existing)) {
      existing = parent;
      parent = existing.getParent();
    }
    if (!Files.isDirectory(existing)) {
      throw new NotDirectoryException(existing.toString());
    }
    requireWritable(existing);
    if (Files.exists(path.resolve(LOCK))) {
      requireWritable(path.resolve(LOCK));
    }
  }

  private static void requireWritable(Path file) throws IOException {
    if (!Files.isWritable(file)) {
      throw new AccessDeniedException(file.toString());
    }
  }

  /**
   * Locks the directory, waiting up to {@code waitMs} for another node to release it: in a rolling
   * restart on one volume the new node starts before the old one has ended.
   */
  DirectoryLock lock(long waitMs) throws IOException {
    for (long waitedMs = 0; ; waitedMs += LOCK_POLL_MS) {
      DirectoryLock lock = tryLock();
      if (lock != null) {
        return lock;
      }
      if (waitedMs >= waitMs) {
        throw new IOException("another node uses it, waited " + waitMs + " ms");
      }
      if (waitedMs == 0) {
        LOG.info("waiting for another node to release the data directory directory={}", path);
      }
      try {
        Thread.sleep(LOCK_POLL_MS);
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted while another node uses it");
      }
    }
  }

  /** Locks the directory; returns null if another node holds the lock. */
  @Nullable
  DirectoryLock tryLock() throws IOException {
    return DirectoryLock.tryLock(path, path.resolve(LOCK));
  }

  /**
   * Returns whether a failure to write persists until an operator changes something: a permission,
   * a mount option, the type of a file. A full disk or an I/O error may be transient.
   */
  static boolean isPermanent(IOException failure) {
    if (failure instanceof AccessDeniedException || failure instanceof NotDirectoryException) {
      return true;
    }
    String reason = failure instanceof FileSystemException named
        ? String.valueOf(named.getReason())
        : String.valueOf(failure.getMessage());
    return PERMANENT_REASONS.stream().anyMatch(reason::startsWith);
  }

  /**
   * Returns an exception that explains to an operator why the node can't start with the directory.
   */
  IOException unusableException(IOException failure) {
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
    // Messages of other file system exceptions are often just a path.
    return failure instanceof FileSystemException
        ? failure.toString()
        : String.valueOf(failure.getMessage());
  }

  /** Closes a file or lock of the directory, if not null; a failure is only logged. */
  static void closeQuietly(@Nullable Closeable resource) {
    try {
      if (resource != null) {
        resource.close();
      }
    } catch (IOException failure) {
      LOG.debug("closing failed: {}", failure.toString());
    }
  }
}
