// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The default storage, which can be made to fail, to hang, or to lose unsynced data. */
final class FaultyDisk implements Storage {
  /** Operations that can hang. */
  enum Call {
    CREATE,
    WRITE,
    SYNC,
    RENAME
  }

  /** Operations that block until the test releases them. */
  static final class Hang {
    private static final int TIMEOUT_S = 20;

    private final Call call;
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch released = new CountDownLatch(1);

    private Hang(Call call) {
      this.call = call;
    }

    /** Waits until a thread is blocked. */
    void awaitReached() throws InterruptedException {
      assertThat(reached.await(TIMEOUT_S, TimeUnit.SECONDS))
          .as("hangs in %s", call)
          .isTrue();
    }

    void release() {
      released.countDown();
    }
  }

  private volatile @Nullable Hang hang;

  /** Free space, bytes. */
  long bytesFree = Long.MAX_VALUE;

  /** Error thrown by writes, or null. */
  @Nullable
  volatile Error error;

  /** True if creating files fails. */
  boolean isReadOnly;

  int syncs;
  private final Map<Path, Long> syncedBytes = new HashMap<>();

  /** Makes all operations of a kind hang from now on. */
  Hang hangIn(Call call) {
    Hang started = new Hang(call);
    hang = started;
    return started;
  }

  private void enter(Call call) {
    Hang current = hang;
    if (current == null || current.call != call) {
      return;
    }
    current.reached.countDown();
    try {
      current.released.await();
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException("interrupted in a hanging operation", interrupted);
    }
  }

  @Override
  public Output create(Path file) throws IOException {
    enter(Call.CREATE);
    if (isReadOnly) {
      throw new IOException("Read-only file system: " + file);
    }
    Output real = Storage.REAL.create(file);
    syncedBytes.put(file, 0L);
    return new Output() {
      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        enter(Call.WRITE);
        Error current = error;
        if (current != null) {
          throw current;
        }
        int fitting = (int) Math.min(length, bytesFree);
        bytesFree -= fitting;
        real.write(bytes, from, fitting);
        if (fitting < length) {
          throw new IOException("No space left on device");
        }
      }

      @Override
      public void sync() throws IOException {
        enter(Call.SYNC);
        syncs++;
        syncedBytes.replace(file, Files.exists(file) ? Files.size(file) : 0);
        real.sync();
      }

      @Override
      public void close() throws IOException {
        real.close();
      }
    };
  }

  /** Truncates each file to its synced length, as a power loss would. */
  void loseUnsynced() throws IOException {
    for (Map.Entry<Path, Long> file : syncedBytes.entrySet()) {
      if (Files.exists(file.getKey())) {
        try (RandomAccessFile cut = new RandomAccessFile(file.getKey().toFile(), "rw")) {
          cut.setLength(file.getValue());
        }
      }
    }
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    enter(Call.RENAME);
    Storage.REAL.rename(from, to);
    Long synced = syncedBytes.remove(from);
    if (synced != null) {
      syncedBytes.put(to, synced);
    }
  }

  @Override
  public void delete(Path file) throws IOException {
    Storage.REAL.delete(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    Storage.REAL.syncDirectory(directory);
  }
}
