// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.metrics.Counters.Limit;
import io.systole.server.net.Quotas.Quota;
import io.systole.server.route.SourceAddress;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one event loop whose peers do not read their responses, or whose responses are
 * behind one to come, in the order of their last progress. The bytes they hold are charged to a
 * quota; when it is exhausted, the connections without progress for the longest time are closed.
 * Confined to the loop.
 */
final class StalledConnections {
  /*
   * The bytes of an entry are those of its last update: its connection may have sent some since.
   * They are read again before the connection is closed for them, and if there are fewer, it moves
   * behind the others instead. Each move follows progress of a peer, so the search for the oldest
   * connection takes constant time, amortized over the writes that sockets accept.
   *
   * A connection that is alone in its limit on this loop is not closed, so that no limit is too
   * small for a single response; it is then charged for less than it holds.
   */

  /** Unsent bytes of one connection that are not charged: several responses to heartbeats. */
  static final int FREE_BYTES = 1024;

  /** A connection that holds bytes for its peer. */
  interface Holder {
    /** Returns the bytes to be charged; 0 if the connection is not stalled. */
    long heldBytes();

    /** Closes the connection at once, without regard to pending responses. */
    void closeStalled(Limit exceeded);
  }

  private final Set<Entry> entries = new LinkedHashSet<>();
  private final Map<SourceAddress, Set<Entry>> entriesBySource = new HashMap<>();

  /**
   * Returns the entry of a new connection, which is not stalled.
   *
   * @param quota charged with the bytes of the connections of all loops
   */
  Entry newEntry(Quota quota, SourceAddress source, Holder holder) {
    return new Entry(quota, source, holder);
  }

  int count() {
    return entries.size();
  }

  /** The bytes that one connection holds. */
  final class Entry {
    private final Quota quota;
    private final SourceAddress source;
    private final Holder holder;
    private boolean isStalled;
    private long chargedBytes;

    private Entry(Quota quota, SourceAddress source, Holder holder) {
      this.quota = quota;
      this.source = source;
      this.holder = holder;
    }

    boolean isStalled() {
      return isStalled;
    }

    /**
     * Charges the connection for the bytes it holds now; closes the oldest connections, if need be
     * this one, as long as a limit is exceeded.
     *
     * @param heldBytes as returned by the holder; 0 if it is closed
     */
    void update(long heldBytes) {
      if (heldBytes == 0) {
        remove();
      } else if (heldBytes < chargedBytes) {
        quota.release(source, chargedBytes - heldBytes);
        chargedBytes = heldBytes;
        leave();
        enter();
      } else {
        if (!isStalled) {
          enter();
        }
        charge(heldBytes);
      }
    }

    private void charge(long heldBytes) {
      Limit exceeded = reserve(heldBytes);
      while (exceeded != null && freeMemory(exceeded) && isStalled) {
        exceeded = reserve(heldBytes);
      }
    }

    /** Reserves what is not charged yet; returns the limit that would be exceeded, or null. */
    private @Nullable Limit reserve(long heldBytes) {
      Limit exceeded = quota.reserve(source, heldBytes - chargedBytes);
      if (exceeded == null) {
        chargedBytes = heldBytes;
      }
      return exceeded;
    }

    /** Updates or closes the oldest connection; returns false if there is no other than this. */
    private boolean freeMemory(Limit exceeded) {
      Set<Entry> candidates =
          exceeded == Limit.SOURCE ? entriesBySource.getOrDefault(source, Set.of()) : entries;
      if (candidates.size() <= 1) {
        return false;
      }
      Entry oldest = candidates.iterator().next();
      long heldBytes = oldest.holder.heldBytes();
      if (heldBytes < oldest.chargedBytes) {
        oldest.update(heldBytes);
      } else {
        oldest.remove();
        oldest.holder.closeStalled(exceeded);
      }
      return true;
    }

    private void remove() {
      if (isStalled) {
        leave();
        quota.release(source, chargedBytes);
        chargedBytes = 0;
      }
    }

    private void enter() {
      isStalled = true;
      entries.add(this);
      entriesBySource.computeIfAbsent(source, key -> new LinkedHashSet<>()).add(this);
    }

    private void leave() {
      isStalled = false;
      entries.remove(this);
      entriesBySource.computeIfPresent(source, (key, ofSource) -> {
        ofSource.remove(this);
        return ofSource.isEmpty() ? null : ofSource;
      });
    }
  }
}
