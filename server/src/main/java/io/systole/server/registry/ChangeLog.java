// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The changes of the registry in order, read by the response cache, deltas and streams. Reads are
 * thread-safe.
 */
public final class ChangeLog {
  /*
   * A linked list that grows at one end, under the registry's monitor. The log retains recent
   * changes, for readers that return and request what they missed. A reader further behind keeps all
   * changes after its position alive, so readers must advance. The lag of a reader is the difference
   * of two versions, or of two positions in bytes. Readers that serve many clients (the response
   * cache, the journal) are followers: changes that add documents are refused while one of them is
   * FOLLOWER_LAG_FACTOR times the log's bound behind. Other readers are disconnected before that.
   */

  /**
   * The lag limit of a follower, as a multiple of the log's limit: one to detect it, one to catch
   * up.
   */
  private static final int FOLLOWER_LAG_FACTOR = 2;

  private final long retentionMs;
  private final int changesMax;
  /** Written under the writer's monitor. */
  private volatile long bytesMax;

  private final List<Supplier<Change>> followers = new CopyOnWriteArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  /** The change before the first retained one. */
  private volatile Change oldest;

  private volatile Change last;

  /**
   * @param retentionMs how long a change is retained
   * @param changesMax the maximum number of retained changes
   * @param bytesMax the maximum of estimated bytes of the retained changes
   * @param version the version before the first change; greater than any published by an earlier
   *     run
   */
  ChangeLog(long retentionMs, int changesMax, long bytesMax, long version, long nowNs) {
    this.retentionMs = retentionMs;
    this.changesMax = changesMax;
    this.bytesMax = bytesMax;
    this.last = Change.sentinel(version, nowNs);
    this.oldest = last;
  }

  /** Replaces the limit of the bytes, at the next change. Guarded by the writer's monitor. */
  void limit(long nextBytesMax) {
    bytesMax = nextBytesMax;
  }

  /** Appends a change that resulted in this holder. Guarded by the writer's monitor. */
  void append(Change.Cause cause, Origin origin, int slot, LeaseHolder after, long nowNs) {
    link(cause, origin, slot, after, nowNs);
    trim(nowNs);
    notifyListeners();
  }

  /**
   * Appends a change like {@link #append} without retaining it or any earlier one: current readers
   * receive it, later ones do not, and deltas begin after it. Guarded by the writer's monitor.
   */
  void appendUnretained(
      Change.Cause cause, Origin origin, int slot, LeaseHolder after, long nowNs) {
    link(cause, origin, slot, after, nowNs);
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
    // Linked first: a reader that sees it as the last can reach it.
    before.linkNext(added);
    last = added;
  }

  private void notifyListeners() {
    for (Runnable listener : listeners) {
      listener.run();
    }
  }

  /** Drops the changes past the retention. Guarded by the writer's monitor. */
  void trim(long nowNs) {
    Change before = oldest;
    for (Change following = before.next(); following != null; following = following.next()) {
      boolean isTooMany =
          last.version() - before.version() > changesMax || last.bytesSince(before) > bytesMax;
      if (!isTooMany && !following.isOlderThan(retentionMs, nowNs)) {
        break;
      }
      before = following;
    }
    oldest = before;
  }

  /** Adds a reader that serves many clients; its lag may cause registrations to be refused. */
  public void addFollower(Supplier<Change> position) {
    followers.add(position);
  }

  /** Returns whether a follower is so far behind that documents must not be added now. */
  public boolean isBacklogged() {
    for (Supplier<Change> position : followers) {
      if (bytesAfter(position.get()) / FOLLOWER_LAG_FACTOR > bytesMax) {
        return true;
      }
    }
    return false;
  }

  /** Returns whether a reader at this change is behind by more than {@link #bytesMax}. */
  public boolean isFarBehind(Change position) {
    return bytesAfter(position) > bytesMax;
  }

  /** Returns the estimated bytes of the changes that follow this one. */
  public long bytesAfter(Change position) {
    return last.bytesSince(position);
  }

  /** Returns the estimated bytes of the retained changes. */
  public long retainedBytes() {
    return bytesAfter(oldest);
  }

  /** Returns the maximum of {@link #retainedBytes}. */
  public long bytesMax() {
    return bytesMax;
  }

  /** Returns the estimated bytes of all changes since the start; never decreases. */
  public long endBytes() {
    return last.endBytes();
  }

  /** Returns the newest change, or the empty first one. */
  public Change last() {
    return last;
  }

  /**
   * Returns the newest change's version. No two runs of a node publish the same one (spec §4.3).
   */
  public long version() {
    return last.version();
  }

  /** Returns the change before the first retained one: a reader begins with its {@code next}. */
  public Change oldest() {
    return oldest;
  }

  /**
   * Returns the change of this version, for a reader that has seen it and all before it; null when
   * a later change is no longer retained, or the version does not exist yet. Linear in the retained
   * changes.
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
   * Adds a listener that is called after each change, by the thread that made it, under the
   * writer's monitor. {@link #last} is that change, also for a restored lease. The slot of a
   * removed lease is free of any other until the listeners have returned. A listener must be short:
   * it holds up all changes of the registry. It must not change the registry itself.
   */
  public void onAppend(Runnable listener) {
    listeners.add(listener);
  }
}
