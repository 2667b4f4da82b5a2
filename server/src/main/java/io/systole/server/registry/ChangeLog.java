// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Every change in its order; views, deltas and streams are readers of it. Any thread may read. */
public final class ChangeLog {
  /*
   * A linked list that grows at one end, under the registry's monitor. The log itself holds on to
   * the changes of the last while, for those who come back and ask what they missed. A reader that
   * stands further back keeps what follows it alive, so readers must not stand still: by how much
   * one is behind is the difference of two versions, or of two positions in bytes. Readers that
   * serve many (views, the journal) are followers: changes that add documents are refused while one
   * of them is FOLLOWER_BOUNDS times the log's bound behind. All others are cut off by then.
   */

  /** How far a follower may be behind, in bounds of the log: one to notice it, one to catch up. */
  private static final int FOLLOWER_LAG_FACTOR = 2;

  private final long retentionMs;
  private final int changesMax;
  private final long bytesMax;
  private final List<Supplier<Change>> followers = new CopyOnWriteArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** The change before the first that is still told. */
  private volatile Change oldest;

  private volatile Change last;

  /**
   * @param retentionMs how long a change is told
   * @param changesMax how many are kept at most
   * @param bytesMax how many estimated bytes the kept ones take at most
   * @param version what the first change follows; greater than any version told by an earlier run
   */
  ChangeLog(long retentionMs, int changesMax, long bytesMax, long version, long nowNs) {
    this.retentionMs = retentionMs;
    this.changesMax = changesMax;
    this.bytesMax = bytesMax;
    this.last = Change.sentinel(version, nowNs);
    this.oldest = last;
  }

  /** Adds a change that left the tenancy as it is given. The monitor is held. */
  void append(Change.Cause cause, Origin origin, int slot, LeaseHolder after, long nowNs) {
    link(cause, origin, slot, after, nowNs);
    trim(nowNs);
    notifyListeners();
  }

  /**
   * Adds a restored lease, and lets go of it at once: those who follow every change are told, those
   * who come later are not. The monitor is held.
   */
  void appendRestored(int slot, LeaseHolder after, long nowNs) {
    link(Change.Cause.RESTORATION, Origin.NODE, slot, after, nowNs);
    oldest = last;
    notifyListeners();
  }

  private void link(Change.Cause cause, Origin origin, int slot, LeaseHolder after, long nowNs) {
    Change before = last;
    Change added = new Change(
        before.version() + 1,
        nowNs,
        cause,
        origin,
        slot,
        after.instance(),
        after.override(),
        before.endBytes());
    // Linked first: whoever sees it as the last can walk to it.
    before.linkNext(added);
    last = added;
  }

  private void notifyListeners() {
    for (Runnable listener : listeners) {
      listener.run();
    }
  }

  /** Lets go of what is not told any more. The monitor is held. */
  void trim(long nowNs) {
    Change before = oldest;
    for (Change reported = before.next(); reported != null; reported = reported.next()) {
      boolean isTooMany =
          last.version() - before.version() > changesMax || last.bytesSince(before) > bytesMax;
      if (!isTooMany && !reported.isOlderThan(retentionMs, nowNs)) {
        break;
      }
      before = reported;
    }
    oldest = before;
  }

  /** Adds a reader whose position holds back changes that many others read through it. */
  public void addFollower(Supplier<Change> position) {
    followers.add(position);
  }

  /** Whether a follower is so far behind that documents must not be added now. */
  boolean isBacklogged() {
    for (Supplier<Change> position : followers) {
      if (bytesAfter(position.get()) / FOLLOWER_LAG_FACTOR > bytesMax) {
        return true;
      }
    }
    return false;
  }

  /** Whether a reader at this change is further behind than the log reaches back in bytes. */
  public boolean isFarBehind(Change position) {
    return bytesAfter(position) > bytesMax;
  }

  /** The estimated bytes of the changes that follow this one. */
  public long bytesAfter(Change position) {
    return last.bytesSince(position);
  }

  /** The estimated bytes of the changes that are kept for readers. */
  public long retainedBytes() {
    return bytesAfter(oldest);
  }

  /** How many estimated bytes of changes are kept at most. */
  public long bytesMax() {
    return bytesMax;
  }

  /** The estimated bytes of all changes since the start: grows only. */
  public long endBytes() {
    return last.endBytes();
  }

  /** The newest change; one that shows nothing when there was none. */
  public Change last() {
    return last;
  }

  /** The newest change's version. No two runs of a node tell the same one (spec §4.3). */
  public long version() {
    return last.version();
  }

  /** The change before the first that is still told: its {@code next} is where to begin. */
  public Change oldest() {
    return oldest;
  }

  /**
   * The change of this version, for a reader who has seen it and all before; null when some that
   * followed it are not told any more, or it has not been made. Walks what is told.
   */
  public @Nullable Change at(long version) {
    Change change = oldest;
    if (version < change.version()) {
      return null;
    }
    while (change != null && change.version() < version) {
      change = change.next();
    }
    return change;
  }

  /**
   * Calls after each change, on the thread that made it, while no other can be made: for a flag to
   * be set or a thread to be woken, no more.
   */
  public void onAppend(Runnable listener) {
    listeners.add(listener);
  }
}
