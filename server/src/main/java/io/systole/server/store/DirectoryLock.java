// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * An exclusive lock on a data directory, held until it is closed or the process ends. The lock file
 * has two lines: the id of the run that last owned the directory, which lets a run that lost the
 * lock detect writes by another one, and the time at which the owner last recorded that it was
 * running, epoch ms.
 */
final class DirectoryLock implements Closeable {
  /*
   * Closing any descriptor of a file releases all POSIX locks of the process on it. So the file is
   * accessed only through the channel that holds the lock (setting its times by path would open and
   * close it), and a second node in the same process must not even open it: the directories in use
   * are kept here.
   */
  private static final Set<Path> IN_USE = ConcurrentHashMap.newKeySet();

  private static final int OWNER_BYTES_MAX = 256;

  private final Path directory;
  private final FileChannel channel;

  private DirectoryLock(Path directory, FileChannel channel) {
    this.directory = directory;
    this.channel = channel;
  }

  /** Locks an existing directory; returns null if another node holds the lock. */
  static @Nullable DirectoryLock tryLock(Path path, Path lockFile) throws IOException {
    Path directory = path.toRealPath();
    if (!IN_USE.add(directory)) {
      return null;
    }
    FileChannel locked = null;
    try {
      locked = tryLock(lockFile);
    } finally {
      if (locked == null) {
        IN_USE.remove(directory);
      }
    }
    return locked == null ? null : new DirectoryLock(directory, locked);
  }

  private static @Nullable FileChannel tryLock(Path lockFile) throws IOException {
    FileChannel channel = FileChannel.open(
        lockFile,
        Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
        FilePermissions.forFile(lockFile));
    FileLock lock = null;
    try {
      lock = channel.tryLock();
    } catch (OverlappingFileLockException ours) {
      // A node of another class loader in this process counts as another node.
    } finally {
      if (lock == null) {
        channel.close();
      }
    }
    return lock == null ? null : channel;
  }

  /** Returns the id of the run that last owned the directory, or an empty string. */
  String owner() throws IOException {
    return line(0);
  }

  /**
   * Returns the time at which the owner last recorded that it was running, epoch ms; 0 if unknown.
   */
  long lastAliveMs() throws IOException {
    try {
      return Long.parseLong(line(1));
    } catch (NumberFormatException unknown) {
      return 0;
    }
  }

  private String line(int index) throws IOException {
    ByteBuffer text = ByteBuffer.allocate(OWNER_BYTES_MAX);
    int unused = channel.read(text, 0);
    List<String> lines = new String(text.array(), 0, text.position(), StandardCharsets.UTF_8)
        .lines()
        .toList();
    return index < lines.size() ? lines.get(index).strip() : "";
  }

  /** Records the run as the owner, running at {@code wallMs}. */
  void claim(String runId, long wallMs) throws IOException {
    ByteBuffer text =
        ByteBuffer.wrap((runId + "\n" + wallMs + "\n").getBytes(StandardCharsets.UTF_8));
    int length = text.remaining();
    while (text.hasRemaining()) {
      int unused = channel.write(text, text.position());
    }
    channel.truncate(length);
  }

  @Override
  public void close() throws IOException {
    try {
      channel.close();
    } finally {
      IN_USE.remove(directory);
    }
  }
}
