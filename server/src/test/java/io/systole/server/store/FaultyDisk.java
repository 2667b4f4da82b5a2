// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** The machine's disk, until it is told to fail, or to lose what was not synced. */
final class FaultyDisk implements Disk {
  /** Bytes that may still be written. */
  long bytesFree = Long.MAX_VALUE;

  /** Whether no file can be made. */
  boolean isReadOnly;

  int syncs;
  private final Map<Path, Long> syncedBytes = new HashMap<>();

  @Override
  public Output create(Path file) throws IOException {
    if (isReadOnly) {
      throw new IOException("Read-only file system: " + file);
    }
    Output real = Disk.REAL.create(file);
    syncedBytes.put(file, 0L);
    return new Output() {
      @Override
      public void write(byte[] bytes, int from, int length) throws IOException {
        int fitting = (int) Math.min(length, bytesFree);
        bytesFree -= fitting;
        real.write(bytes, from, fitting);
        if (fitting < length) {
          throw new IOException("No space left on device");
        }
      }

      @Override
      public void sync() throws IOException {
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

  /** Leaves of each file what a loss of power would. */
  void loseWhatIsNotSynced() throws IOException {
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
    Disk.REAL.rename(from, to);
    Long synced = syncedBytes.remove(from);
    if (synced != null) {
      syncedBytes.put(to, synced);
    }
  }

  @Override
  public void delete(Path file) throws IOException {
    Disk.REAL.delete(file);
  }

  @Override
  public void syncDirectory(Path directory) throws IOException {
    Disk.REAL.syncDirectory(directory);
  }
}
