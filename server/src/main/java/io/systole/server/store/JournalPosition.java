// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import org.jspecify.annotations.Nullable;

/** The journal writer's read position in the change log, and its lag. */
final class JournalPosition {
  /*
   * A position keeps all later changes in memory. The writer advances it, but may be blocked on the
   * disk for minutes. So a thread that appends one change too many moves the position to the end of
   * the log. The changes in between are missing from the journal until a snapshot covers them; the
   * writer detects this by the version.
   *
   * Thread-safe: the monitor of this object guards every field. It is held for a few instructions,
   * never during I/O. The registry appends while it holds its own monitor, so no method here may
   * call the registry. The writer must not hold a reference to a change during I/O, since a change
   * on its stack would keep all later ones reachable.
   *
   *   log    ... a  b | c  d  e | f  g  h
   *                   taken     unread           missing: skipped before they were taken
   *              written        ^ last
   */

  private final ChangeLog log;
  private final int changesMax;

  /** The last change taken or skipped. */
  private Change last;

  /** Changes taken but not yet written. */
  private long taken;

  /** Time of the oldest taken change, monotonic; undefined if there is none. */
  private long takenSinceNs;

  /** Changes that no file contains until the next snapshot. */
  private long missing;

  /** Time of the oldest missing change, monotonic; undefined if there is none. */
  private long missingSinceNs;

  /** Version of the last missing change. */
  private long missingToVersion;

  /**
   * Creates a position at the end of the log.
   *
   * @param changesMax limit on unread changes; their bytes are limited by what the log keeps
   */
  JournalPosition(ChangeLog log, int changesMax) {
    this.log = log;
    this.changesMax = changesMax;
    this.last = log.last();
  }

  /** Handles an appended change: skips the unread changes if they exceed a limit. */
  synchronized void onAppend(Change change) {
    long unread = change.version() - last.version();
    if (unread <= 0) {
      return;
    }
    // A single change may exceed the limit in bytes.
    if (unread > changesMax || (unread > 1 && log.isFarBehind(last))) {
      moveTo(change);
    }
  }

  /** Moves to the end of the log; the unread changes will not be written. */
  synchronized void skipToEnd() {
    moveTo(log.last());
  }

  private void moveTo(Change change) {
    Change oldest = last.next();
    if (oldest != null) {
      addMissing(change.version() - last.version(), oldest.atNs(), change.version());
      last = change;
    }
  }

  private void addMissing(long changes, long sinceNs, long toVersion) {
    missingSinceNs = missing == 0 ? sinceNs : Math.min(missingSinceNs, sinceNs);
    missingToVersion = toVersion;
    missing += changes;
  }

  /**
   * Takes the next change.
   *
   * @param version of the change that the caller took last
   * @return null if there is none, or if changes were skipped since
   */
  synchronized @Nullable Change takeAfter(long version) {
    Change next = last.version() == version ? last.next() : null;
    if (next == null) {
      return null;
    }
    if (taken == 0) {
      takenSinceNs = next.atNs();
    }
    taken++;
    last = next;
    return next;
  }

  /** Records that all taken changes are written. */
  synchronized void markWritten() {
    taken = 0;
  }

  /** Records that the taken changes will not be written. */
  synchronized void markLost() {
    if (taken > 0) {
      addMissing(taken, takenSinceNs, last.version());
      taken = 0;
    }
  }

  /** Records that a snapshot covers all changes up to a version. */
  synchronized void markCovered(long version) {
    if (missingToVersion <= version) {
      missing = 0;
    }
  }

  /** Returns the version of the last change taken or skipped. */
  synchronized long version() {
    return last.version();
  }

  /** Returns whether all changes are taken. */
  synchronized boolean isAtEnd() {
    return last.next() == null;
  }

  /** Returns the number of changes that no file contains yet. */
  synchronized long lagChanges() {
    return missing + taken + log.version() - last.version();
  }

  /** Returns the age of the oldest change that no file contains yet; 0 if there is none. */
  synchronized long lagNs(long nowNs) {
    long sinceNs = nowNs;
    if (missing > 0) {
      sinceNs = Math.min(sinceNs, missingSinceNs);
    }
    if (taken > 0) {
      sinceNs = Math.min(sinceNs, takenSinceNs);
    }
    Change next = last.next();
    if (next != null) {
      sinceNs = Math.min(sinceNs, next.atNs());
    }
    return nowNs - sinceNs;
  }
}
