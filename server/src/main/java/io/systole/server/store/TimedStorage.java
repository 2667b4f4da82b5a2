// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.time.Clock;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A storage that exposes its current operation, so that a hang can be detected. Confined to one
 * thread, except {@link #current}, which is thread-safe.
 */
final class TimedStorage implements Storage {
  /**
   * An operation in progress.
   *
   * @param name such as {@code write}
   * @param file the file or directory operated on
   * @param beganNs monotonic
   */
  record Operation(String name, Path file, long beganNs) {
    @Override
    public String toString() {
      return name + " of " + file.getFileName();
    }
  }

  private final Storage disk;
  private final Clock clock;
  private volatile @Nullable Operation current;

  TimedStorage(Storage disk, Clock clock) {
    this.disk = disk;
    this.clock = clock;
  }

  /** Returns the operation in progress; null if the disk is idle. */
  @Nullable
  Operation current() {
    return current;
  }

  private void run(String name, Path file, IoAction action) throws IOException {
    current = new Operation(name, file, clock.monotonicNs());
    try {
      action.run();
    } finally {
      current = null;
    }
  }

  @Override
  public Output create(Path file) throws IOException {
    current = new Operation("creation", file, clock.monotonicNs());
    try {
      return timed(file, disk.create(file));
    } finally {
      current = null;
    }
  }

  private Output timed(Path file, Output output) {
    return new Output() {
      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        TimedStorage.this.run("write", file, () -> output.write(bytes, from, length));
      }

      @Override
      public void sync() throws IOException {
        TimedStorage.this.run("sync", file, output::sync);
      }

      @Override
      public void close() throws IOException {
        TimedStorage.this.run("close", file, output::close);
      }
    };
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    run("rename", from, () -> disk.rename(from, to));
  }

  @Override
  public void delete(Path file) throws IOException {
    run("deletion", file, () -> disk.delete(file));
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    run("sync", directory, () -> disk.syncDirectory(directory));
  }
}
