// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.management.RemovalHistory;
import io.systole.server.store.InstanceJournal;
import io.systole.server.store.Removal;
import io.systole.server.store.Store;
import org.jspecify.annotations.Nullable;

/** The history of instances in the journal of a data directory. */
final class JournalHistory implements RemovalHistory {
  private final Store store;

  JournalHistory(Store store) {
    this.store = store;
  }

  @Override
  public @Nullable RemovalDescription lastKnown(InstanceKey key) {
    Removal known = store.lastKnown(key);
    return known == null
        ? null
        : new RemovalDescription(known.atMs(), known.cause(), known.origin());
  }

  @Override
  public RecordedChanges changesBefore(InstanceKey key, long version, int limit) {
    InstanceJournal journal = store.changesBefore(key, version, limit);
    return new RecordedChanges(
        journal.newestFirst().stream()
            .map(changed -> new RecordedChange(
                changed.version(),
                changed.atMs(),
                changed.cause(),
                changed.origin(),
                changed.status()))
            .toList(),
        journal.isCut());
  }
}
