// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Change;
import io.systole.server.registry.Change.Cause;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What a delta tells: of each instance that changed of late, its last change. One thread. */
final class DeltaWindow {
  /*
   * The log itself is the queue of what there is to forget: `before` is the change before the oldest
   * one that is told. A change that was followed by another of the same instance isn't told any
   * more; it is passed over as soon as it is the oldest.
   */

  /** Where an instance's last change is told. */
  private record WindowEntry(long version, int number) {}

  private final long retentionNs;
  private final int changesMax;
  private final long bytesMax;
  private final BlockStore blockStore = new BlockStore();
  private final Map<InstanceKey, WindowEntry> reportedByKey = new HashMap<>();
  private final BitSet numbers = new BitSet();
  private Change before;
  private Change newest;

  /**
   * @param start all that follows is told
   * @param retentionMs how long a change is told
   * @param changesMax how many are looked back at
   * @param bytesMax how many estimated bytes these take at most
   */
  DeltaWindow(Change start, long retentionMs, int changesMax, long bytesMax) {
    this.before = start;
    this.newest = start;
    this.retentionNs = TimeUnit.MILLISECONDS.toNanos(retentionMs);
    this.changesMax = changesMax;
    this.bytesMax = bytesMax;
  }

  /** Takes over the change that follows all that were taken over. */
  void apply(Change change) {
    if (change.cause() == Cause.RESTORATION) {
      // These come before all others. To clients that lived through the restart they are no news.
      before = change;
      newest = change;
      return;
    }
    InstanceInfo document = change.document();
    InstanceKey key = document.key();
    int number = numbers.nextClearBit(0);
    numbers.set(number);
    blockStore.add(number, document, change.version());
    // It stands at the end now, among its equals in age; its application stays where it was.
    WindowEntry earlier = reportedByKey.put(key, new WindowEntry(change.version(), number));
    if (earlier != null) {
      drop(earlier, change.version());
    }
    newest = change;
    forgetSurplus();
  }

  private void forgetSurplus() {
    Change oldest = before.next();
    while (oldest != null && (isTooMany() || !isReported(oldest))) {
      oldest = forget(oldest);
    }
  }

  private boolean isTooMany() {
    return newest.version() - before.version() > changesMax || newest.bytesSince(before) > bytesMax;
  }

  /** Forgets what is told long enough. */
  void expire(long nowNs) {
    Change oldest = before.next();
    while (oldest != null
        && oldest.version() <= newest.version()
        && (!isReported(oldest) || hasOutlived(oldest, nowNs))) {
      oldest = forget(oldest);
    }
  }

  private boolean hasOutlived(Change change, long nowNs) {
    return nowNs - change.atNs() > retentionNs;
  }

  private boolean isReported(Change change) {
    WindowEntry reported = reportedByKey.get(change.document().key());
    return reported != null && reported.version() == change.version();
  }

  private @Nullable Change forget(Change oldest) {
    if (isReported(oldest)) {
      WindowEntry reported = reportedByKey.remove(oldest.document().key());
      if (reported != null) {
        drop(reported, newest.version());
      }
    }
    before = oldest;
    return oldest.version() == newest.version() ? null : oldest.next();
  }

  private void drop(WindowEntry reported, long version) {
    blockStore.remove(reported.number(), version);
    numbers.clear(reported.number());
  }

  BlockStore blockStore() {
    return blockStore;
  }

  /** The oldest change that is told; null when none is. */
  @Nullable
  Change oldest() {
    return before.version() == newest.version() ? null : before.next();
  }
}
