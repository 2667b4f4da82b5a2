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
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The journal being written: records gathered, then written together. For one thread. */
final class JournalWriter implements Closeable {
  /** Gathered bytes are written once there are as many. */
  private static final int GATHERED_BYTES_MAX = 256 * 1024;

  private static final long NEVER = -1;

  /** How soon it is tried again to begin the next file. */
  static final long ROTATION_RETRY_NS = TimeUnit.SECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);

  private final DataDirectory directory;
  private final Storage disk;
  private final long fileBytesMax;
  private final Clock clock;
  private final StoreCounters counts;
  private final RecordEncoder gathered = new RecordEncoder();
  private long gatheredRecords;
  private long version;
  private Path file;
  private FileHeader header;
  private Storage.@Nullable Output output;
  private long fileBytes;

  /** When the next file could not be begun, monotonic. */
  private long rotationFailedNs = NEVER;

  /** When the oldest record that is not synced was gathered, monotonic. */
  private long unsyncedSinceNs = NEVER;

  /** Begins a file that tells what follows this version. */
  JournalWriter(
      DataDirectory directory,
      Storage disk,
      long fileBytesMax,
      Clock clock,
      StoreCounters counts,
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
    this.output = begin(file, header);
    this.fileBytes = FileHeader.BYTES;
  }

  private Storage.Output begin(Path fresh, FileHeader head) throws IOException {
    Storage.Output begun = disk.create(fresh);
    boolean isBegun = false;
    try {
      byte[] bytes = head.encode();
      begun.write(bytes, 0, bytes.length);
      disk.syncDirectory(directory.path());
      isBegun = true;
      return begun;
    } finally {
      if (!isBegun) {
        Store.close(begun);
        disk.delete(fresh);
      }
    }
  }

  /** @param wallAheadMs by how much the wall clock is ahead of the monotonic one */
  void append(Change change, long wallAheadMs) throws IOException {
    long atMs = wallAheadMs + TimeUnit.NANOSECONDS.toMillis(change.atNs());
    int frame = gathered.beginFrame();
    JournalEntrySerializer.putChange(change, atMs, gathered);
    int length = gathered.payloadLength(frame);
    if (length > FrameLayout.RECORD_BYTES_MAX) {
      gathered.truncate(frame);
      frame = beginOmitted(change, atMs, length);
    }
    end(frame, change.version());
  }

  /** Begins a frame in place of one over the bound. */
  private int beginOmitted(Change change, long atMs, int length) {
    OversizedRecord.omit(change.document().key(), length, counts, clock.wallMs());
    int frame = gathered.beginFrame();
    JournalEntrySerializer.putOmitted(change, atMs, length, gathered);
    if (gathered.payloadLength(frame) > FrameLayout.RECORD_BYTES_MAX) {
      // Its name alone is too large.
      gathered.truncate(frame);
      frame = gathered.beginFrame();
      JournalEntrySerializer.putSkipped(change.version(), atMs, change.version(), gathered);
    }
    return frame;
  }

  void appendBegan(long at, long leases) throws IOException {
    int frame = gathered.beginFrame();
    JournalEntrySerializer.putBegan(at, clock.wallMs(), leases, gathered);
    end(frame, at);
  }

  void appendSkipped(long from, long to) throws IOException {
    int frame = gathered.beginFrame();
    JournalEntrySerializer.putSkipped(to, clock.wallMs(), from, gathered);
    end(frame, to);
  }

  private void end(int frame, long reportedVersion) throws IOException {
    gathered.endFrame(frame, header.salt());
    gatheredRecords++;
    version = reportedVersion;
    if (unsyncedSinceNs == NEVER) {
      unsyncedSinceNs = clock.monotonicNs();
    }
  }

  /** Whether enough is gathered to be written. */
  boolean isFull() {
    return gathered.size() >= GATHERED_BYTES_MAX;
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
    if (fileBytes >= fileBytesMax && isRotationDue()) {
      rotate();
    }
  }

  private boolean isRotationDue() {
    return rotationFailedNs == NEVER || clock.monotonicNs() - rotationFailedNs >= ROTATION_RETRY_NS;
  }

  /**
   * Goes on in a new file. It is begun before the old one is closed, which stays in use for as long
   * as that fails: a process that has no file descriptor left loses no change for want of one.
   */
  private void rotate() throws IOException {
    FileHeader head = FileHeader.fresh(FileHeader.Kind.JOURNAL, clock.wallMs(), version);
    Path fresh = directory.newJournal(version);
    Storage.Output begun;
    try {
      begun = begin(fresh, head);
    } catch (IOException failure) {
      if (rotationFailedNs == NEVER) {
        LOG.warn(
            "the next journal can't be begun, {} grows on: {}",
            file.getFileName(),
            failure.toString());
      }
      rotationFailedNs = clock.monotonicNs();
      return;
    }
    rotationFailedNs = NEVER;
    Storage.Output full = output();
    try {
      sync();
    } finally {
      output = begun;
      full.close();
    }
    header = head;
    file = fresh;
    fileBytes = FileHeader.BYTES;
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

  private Storage.Output output() throws IOException {
    Storage.Output open = output;
    if (open == null) {
      throw new IOException("no journal is open");
    }
    return open;
  }

  /** Gives the file back, whatever state it is in. */
  @Override
  public void close() throws IOException {
    Storage.Output open = output;
    output = null;
    if (open != null) {
      open.close();
    }
  }
}
