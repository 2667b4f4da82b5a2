// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.time.Clock;
import io.systole.server.registry.Change;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A writer of journal files, which buffers records and writes them together. Not thread-safe. */
final class JournalWriter implements Closeable {
  /** Size at which the buffer must be written. */
  private static final int BUFFER_BYTES_MAX = 256 * 1024;

  private static final long NEVER = -1;

  /** Delay before the next attempt to create the next file. */
  static final long ROTATION_RETRY_NS = TimeUnit.SECONDS.toNanos(1);

  private static final Logger LOG = LoggerFactory.getLogger(JournalWriter.class);

  private final DataDirectory directory;
  private final Storage disk;
  private final long fileBytesMax;
  private final Clock clock;
  private final StoreCounters counters;
  private final FrameEncoder buffer = new FrameEncoder();
  private long bufferedRecords;
  private long version;
  private Path file;
  private FileHeader header;
  private Storage.@Nullable Output output;
  private long fileBytes;

  /** Time of the last failure to create the next file, monotonic. */
  private long rotationFailedNs = NEVER;

  /** Time at which the oldest unsynced record was appended, monotonic. */
  private long unsyncedSinceNs = NEVER;

  /** Creates a journal for the changes after {@code version}. */
  JournalWriter(
      DataDirectory directory,
      Storage disk,
      long fileBytesMax,
      Clock clock,
      StoreCounters counters,
      long version)
      throws IOException {
    this.directory = directory;
    this.disk = disk;
    this.fileBytesMax = fileBytesMax;
    this.clock = clock;
    this.counters = counters;
    this.version = version;
    this.header = FileHeader.create(FileHeader.Kind.JOURNAL, clock.wallMs(), version);
    this.file = directory.newJournal(version);
    this.output = create(file, header);
    this.fileBytes = FileHeader.BYTES;
  }

  private Storage.Output create(Path path, FileHeader head) throws IOException {
    Storage.Output created = disk.create(path);
    boolean isCreated = false;
    try {
      byte[] bytes = head.encode();
      created.write(bytes, 0, bytes.length);
      disk.syncDirectory(directory.path());
      isCreated = true;
      return created;
    } finally {
      if (!isCreated) {
        DataDirectory.closeQuietly(created);
        disk.delete(path);
      }
    }
  }

  /**
   * Appends a change.
   *
   * @param wallAheadMs offset of the wall clock from the monotonic clock
   */
  void append(Change change, long wallAheadMs) throws IOException {
    long atMs = wallAheadMs + TimeUnit.NANOSECONDS.toMillis(change.atNs());
    int frame = buffer.beginFrame();
    JournalEntrySerializer.writeChange(change, atMs, buffer);
    int length = buffer.payloadLength(frame);
    if (length > FrameLayout.RECORD_BYTES_MAX) {
      buffer.truncate(frame);
      frame = beginOmitted(change, atMs, length);
    }
    end(frame, change.version());
  }

  /** Begins a frame that replaces an oversized one. */
  private int beginOmitted(Change change, long atMs, int length) {
    counters.addOmitted(change.document().key(), length, clock.wallMs());
    int frame = buffer.beginFrame();
    JournalEntrySerializer.writeOmitted(change, atMs, length, buffer);
    if (buffer.payloadLength(frame) > FrameLayout.RECORD_BYTES_MAX) {
      // The key alone is too large.
      buffer.truncate(frame);
      frame = buffer.beginFrame();
      JournalEntrySerializer.writeGap(change.version(), atMs, change.version(), buffer);
    }
    return frame;
  }

  void appendStarted(long at, long leases) throws IOException {
    int frame = buffer.beginFrame();
    JournalEntrySerializer.writeStarted(at, clock.wallMs(), leases, buffer);
    end(frame, at);
  }

  void appendGap(long from, long to) throws IOException {
    int frame = buffer.beginFrame();
    JournalEntrySerializer.writeGap(to, clock.wallMs(), from, buffer);
    end(frame, to);
  }

  private void end(int frame, long entryVersion) throws IOException {
    buffer.endFrame(frame, header.salt());
    bufferedRecords++;
    version = entryVersion;
    if (unsyncedSinceNs == NEVER) {
      unsyncedSinceNs = clock.monotonicNs();
    }
  }

  /** Returns whether the buffer must be written. */
  boolean isFull() {
    return buffer.size() >= BUFFER_BYTES_MAX;
  }

  /** Writes the buffer to the file; its records then survive the end of this process. */
  void write() throws IOException {
    if (buffer.size() == 0) {
      return;
    }
    output().write(buffer.array(), 0, buffer.size());
    fileBytes += buffer.size();
    counters.addWritten(bufferedRecords, buffer.size());
    buffer.clear();
    bufferedRecords = 0;
    if (fileBytes >= fileBytesMax && isRotationDue()) {
      rotate();
    }
  }

  private boolean isRotationDue() {
    return rotationFailedNs == NEVER || clock.monotonicNs() - rotationFailedNs >= ROTATION_RETRY_NS;
  }

  /**
   * Switches to a new file. It is created before the old one is closed, and the old one stays in
   * use while that fails: a process out of file descriptors loses no changes.
   */
  private void rotate() throws IOException {
    FileHeader head = FileHeader.create(FileHeader.Kind.JOURNAL, clock.wallMs(), version);
    Path next = directory.newJournal(version);
    Storage.Output created;
    try {
      created = create(next, head);
    } catch (IOException failure) {
      if (rotationFailedNs == NEVER) {
        LOG.warn(
            "the next journal can't be created, {} keeps growing: {}",
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
      output = created;
      full.close();
    }
    header = head;
    file = next;
    fileBytes = FileHeader.BYTES;
  }

  /** Returns whether a record has been unsynced for {@code syncNs}. */
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
    long startNs = clock.monotonicNs();
    output().sync();
    unsyncedSinceNs = NEVER;
    counters.addSync(clock.monotonicNs() - startNs);
  }

  /** Throws if the file was deleted: writing to it would succeed, but have no effect. */
  void checkExists() throws IOException {
    if (Files.notExists(file)) {
      throw new IOException(file + " was deleted");
    }
  }

  private Storage.Output output() throws IOException {
    Storage.Output open = output;
    if (open == null) {
      throw new IOException("no journal is open");
    }
    return open;
  }

  /** Closes the file, if one is open. */
  @Override
  public void close() throws IOException {
    Storage.Output open = output;
    output = null;
    if (open != null) {
      open.close();
    }
  }
}
