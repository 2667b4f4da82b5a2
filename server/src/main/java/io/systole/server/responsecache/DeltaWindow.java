// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The window of recent changes: the last change of each instance that changed recently. Not
 * thread-safe.
 */
final class DeltaWindow {
  /*
   * The change log serves as the queue of the window: `before` is the last change before it. A
   * change superseded by a later one of the same instance is no longer in the window; it is skipped
   * when it becomes the oldest.
   */

  /** The last change of an instance, and its number in the block store. */
  private record WindowEntry(long version, int number) {}

  private final long retentionNs;
  private final int changesMax;
  private final LongSupplier bytesMax;
  private final LongSupplier droppedVersion;
  private final BlockStore blockStore = new BlockStore();
  private final Map<InstanceKey, WindowEntry> entries = new HashMap<>();
  private final BitSet numbers = new BitSet();
  private Change before;
  private Change newest;

  /**
   * Creates a window.
   *
   * @param start change before the window
   * @param retentionMs age up to which a change is in the window
   * @param changesMax limit on changes, including superseded ones
   * @param bytesMax returns the limit on their estimated bytes
   * @param droppedVersion returns the version of the last change that the log does not retain; the
   *     window begins after it
   */
  DeltaWindow(
      Change start,
      long retentionMs,
      int changesMax,
      LongSupplier bytesMax,
      LongSupplier droppedVersion) {
    this.before = start;
    this.newest = start;
    this.retentionNs = TimeUnit.MILLISECONDS.toNanos(retentionMs);
    this.changesMax = changesMax;
    this.bytesMax = bytesMax;
    this.droppedVersion = droppedVersion;
  }

  /** Applies the next change. */
  void apply(Change change) {
    newest = change;
    if (change.version() <= droppedVersion.getAsLong()) {
      clear();
      return;
    }
    InstanceInfo document = change.document();
    InstanceKey key = document.key();
    int number = numbers.nextClearBit(0);
    numbers.set(number);
    blockStore.add(number, document, change.version());
    // It moves to the end of its application, which keeps its position.
    WindowEntry earlier = entries.put(key, new WindowEntry(change.version(), number));
    if (earlier != null) {
      drop(earlier, change.version());
    }
    removeSurplus();
  }

  /** Removes all changes up to the newest. */
  private void clear() {
    while (!entries.isEmpty()) {
      remove(Objects.requireNonNull(before.next()));
    }
    before = newest;
  }

  private void removeSurplus() {
    Change oldest = before.next();
    while (oldest != null && (isOverLimit() || !isInWindow(oldest))) {
      oldest = remove(oldest);
    }
  }

  private boolean isOverLimit() {
    return newest.version() - before.version() > changesMax
        || newest.bytesSince(before) > bytesMax.getAsLong();
  }

  /** Removes changes older than the retention. */
  void expire(long nowNs) {
    Change oldest = before.next();
    while (oldest != null
        && oldest.version() <= newest.version()
        && (!isInWindow(oldest) || isExpired(oldest, nowNs))) {
      oldest = remove(oldest);
    }
  }

  private boolean isExpired(Change change, long nowNs) {
    return nowNs - change.atNs() > retentionNs;
  }

  private boolean isInWindow(Change change) {
    WindowEntry entry = entries.get(change.document().key());
    return entry != null && entry.version() == change.version();
  }

  private @Nullable Change remove(Change oldest) {
    if (isInWindow(oldest)) {
      WindowEntry entry = entries.remove(oldest.document().key());
      if (entry != null) {
        drop(entry, newest.version());
      }
    }
    before = oldest;
    return oldest.version() == newest.version() ? null : oldest.next();
  }

  private void drop(WindowEntry entry, long version) {
    blockStore.remove(entry.number(), version);
    numbers.clear(entry.number());
  }

  BlockStore blockStore() {
    return blockStore;
  }

  /** Returns the oldest change in the window; null if it is empty. */
  @Nullable
  Change oldest() {
    return before.version() == newest.version() ? null : before.next();
  }
}
