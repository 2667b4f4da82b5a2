// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.Origin;
import io.systole.server.store.DataDirectory.StoredFile;
import io.systole.server.store.JournalEntry.Changed;
import io.systole.server.store.JournalReader.RecordFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last changes of an instance in the journals.
 *
 * @param newestFirst the changes
 * @param isCut whether older journals were left unread because of {@link #BYTES_MAX}
 */
public record InstanceJournal(List<StatusChange> newestFirst, boolean isCut) {
  /**
   * A change, without the document, which may be large.
   *
   * @param atMs wall clock, epoch ms
   * @param status the status afterwards; null if the instance was removed
   */
  public record StatusChange(
      long version,
      long atMs,
      Cause cause,
      Origin origin,
      @Nullable InstanceStatus status) {
    private static StatusChange of(Changed changed) {
      InstanceInfo document = changed.document();
      return new StatusChange(
          changed.version(),
          changed.atMs(),
          changed.cause(),
          changed.origin(),
          document == null ? null : document.status());
    }
  }

  /** Limit on bytes of journals that one query reads, the newest ones: some seconds of a disk. */
  static final long BYTES_MAX = 512L << 20;

  static final InstanceJournal EMPTY = new InstanceJournal(List.of(), false);

  /** Reads journals, the newest first, until the limit of changes or of bytes is reached. */
  static InstanceJournal read(DataDirectory directory, InstanceKey key, long version, int limit)
      throws IOException {
    return read(directory, key, version, limit, BYTES_MAX);
  }

  static InstanceJournal read(
      DataDirectory directory, InstanceKey key, long version, int limit, long bytesMax)
      throws IOException {
    List<StoredFile> journals = directory.journals();
    List<StatusChange> found = new ArrayList<>();
    long bytes = 0;
    for (int i = journals.size() - 1; i >= 0 && found.size() < limit; i--) {
      StoredFile journal = journals.get(i);
      if (journal.version() >= version) {
        continue;
      }
      boolean isFirst = bytes == 0;
      bytes += sizeOf(journal);
      if (bytes > bytesMax && !isFirst) {
        return new InstanceJournal(List.copyOf(found), true);
      }
      found.addAll(lastIn(journal, key, version, limit - found.size()));
    }
    return new InstanceJournal(List.copyOf(found), false);
  }

  private static long sizeOf(StoredFile journal) throws IOException {
    try {
      return Files.size(journal.path());
    } catch (NoSuchFileException dropped) {
      return 0;
    }
  }

  private static List<StatusChange> lastIn(
      StoredFile journal, InstanceKey key, long version, int limit) throws IOException {
    ArrayDeque<StatusChange> newest = new ArrayDeque<>();
    JournalReader reader = new JournalReader(ignored -> {}, RecordFilter.of(key));
    boolean unused = reader.read(List.of(journal), entry -> {
      if (entry instanceof Changed changed
          && changed.key().equals(key)
          && changed.version() < version) {
        newest.addFirst(StatusChange.of(changed));
        if (newest.size() > limit) {
          newest.removeLast();
        }
      }
      return true;
    });
    return List.copyOf(newest);
  }
}
