// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.Change;
import io.systole.server.time.Clock;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The journal being written: records gathered, then written together. For one thread. */
final class Journal implements Closeable {
  /** Gathered bytes are written once there are as many. */
  private static final int GATHERED_BYTES_MAX = 256 * 1024;

  private static final long NEVER = -1;

  private final DataDirectory directory;
  private final Disk disk;
  private final long fileBytesMax;
  private final Clock clock;
  private final StoreCounts counts;
  private final RecordBuffer gathered = new RecordBuffer();
  private long gatheredRecords;
  private long version;
  private Path file;
  private FileHeader header;
  private Disk.@Nullable Output output;
  private long fileBytes;

  /** When the oldest record that is not synced was gathered, monotonic. */
  private long unsyncedSinceNs = NEVER;

  /** Begins a file that tells what follows this version. */
  Journal(
      DataDirectory directory,
      Disk disk,
      long fileBytesMax,
      Clock clock,
      StoreCounts counts,
      long version)
      throws IOException {
    this.directory = directory;
    this.disk = disk;
    this.fileBytesMax = fileBytesMax;
    this.clock = clock;
    this.counts = counts;
    this.version = version;
    this.header = FileHeader.fresh(FileHeader.Kind.JOURNAL, clock.wallMs(), version);
    this.file = directory.newJournal(version);
    begin();
  }

  private void begin() throws IOException {
    Disk.Output fresh = disk.create(file);
    output = fresh;
    byte[] head = header.encode();
    fresh.write(head, 0, head.length);
    fileBytes = head.length;
    disk.syncDirectory(directory.path());
  }

  /** @param wallAheadMs by how much the wall clock is ahead of the monotonic one */
  void append(Change change, long wallAheadMs) throws IOException {
    long atMs = wallAheadMs + TimeUnit.NANOSECONDS.toMillis(change.atNs());
    int frame = gathered.beginFrame();
    EntryLayout.putChange(change, atMs, gathered);
    end(frame, change.version());
  }

  void appendBegan(long at, long leases) throws IOException {
    int frame = gathered.beginFrame();
    EntryLayout.putBegan(at, clock.wallMs(), leases, gathered);
    end(frame, at);
  }

  void appendSkipped(long from, long to) throws IOException {
    int frame = gathered.beginFrame();
    EntryLayout.putSkipped(to, clock.wallMs(), from, gathered);
    end(frame, to);
  }

  private void end(int frame, long toldVersion) throws IOException {
    gathered.endFrame(frame, header.salt());
    gatheredRecords++;
    version = toldVersion;
    if (unsyncedSinceNs == NEVER) {
      unsyncedSinceNs = clock.monotonicNs();
    }
    if (gathered.size() >= GATHERED_BYTES_MAX) {
      write();
    }
  }

  /** Hands to the system what was gathered; from then on it survives the end of this process. */
  void write() throws IOException {
    if (gathered.size() == 0) {
      return;
    }
    output().write(gathered.array(), 0, gathered.size());
    fileBytes += gathered.size();
    counts.written(gatheredRecords, gathered.size());
    gathered.clear();
    gatheredRecords = 0;
    if (fileBytes >= fileBytesMax) {
      rotate();
    }
  }

  private void rotate() throws IOException {
    sync();
    output().close();
    header = FileHeader.fresh(FileHeader.Kind.JOURNAL, clock.wallMs(), version);
    file = directory.newJournal(version);
    begin();
  }

  /** Whether something has waited so long to be safe from a loss of power. */
  boolean isSyncDue(long syncNs) {
    return unsyncedSinceNs != NEVER && clock.monotonicNs() - unsyncedSinceNs >= syncNs;
  }

  boolean isSynced() {
    return unsyncedSinceNs == NEVER;
  }

  void sync() throws IOException {
    if (unsyncedSinceNs == NEVER) {
      return;
    }
    long beganNs = clock.monotonicNs();
    output().sync();
    unsyncedSinceNs = NEVER;
    counts.synced(clock.monotonicNs() - beganNs);
  }

  /** Writing to a file whose name is gone succeeds, and is for nothing. */
  void checkIsThere() throws IOException {
    if (Files.notExists(file)) {
      throw new IOException(file + " has vanished");
    }
  }

  private Disk.Output output() throws IOException {
    Disk.Output open = output;
    if (open == null) {
      throw new IOException("no journal is open");
    }
    return open;
  }

  /** Gives the file back, whatever state it is in. */
  @Override
  public void close() throws IOException {
    Disk.Output open = output;
    output = null;
    if (open != null) {
      open.close();
    }
  }
}
