// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import org.jspecify.annotations.Nullable;

/** The place in the change log up to which the journal's writer has read, and its lag. */
final class JournalPosition {
  /*
   * A position keeps every change behind it in memory. The writer moves it, but the writer may be
   * stuck in the disk for minutes. So whoever appends a change that makes too many of them cuts the
   * writer off: the position moves to the end of the log, and the changes in between are missing in
   * the journal until a snapshot stands for them. The writer finds out by the version.
   *
   * Any thread may call. This object's monitor guards every field; it is held for a few
   * instructions, never over the disk. The registry appends under its own monitor, so no method
   * here may call the registry. The writer must hold no
   * reference to a change while it uses the disk, as its stack would keep what follows as well.
   *
   *   log    ... a  b | c  d  e | f  g  h
   *                   taken     following        missing: cut off before they were taken
   *              written        ^ last
   */

  private final ChangeLog log;
  private final int changesMax;

  /** The last change that was taken or cut off. */
  private Change last;

  /** Changes that were taken and are not written yet. */
  private long taken;

  /** When the oldest of them was made, monotonic; void when there is none. */
  private long takenSinceNs;

  /** Changes that are in no file until the next snapshot. */
  private long missing;

  /** When the oldest of them was made, monotonic; void when there is none. */
  private long missingSinceNs;

  /** Version of the last of them. */
  private long missingToVersion;

  /**
   * Stands at the end of the log.
   *
   * @param changesMax changes that may follow; their bytes may be as many as the log keeps
   */
  JournalPosition(ChangeLog log, int changesMax) {
    this.log = log;
    this.changesMax = changesMax;
    this.last = log.last();
  }

  /** Counts a change that was appended to the log, and cuts the writer off if they are too many. */
  synchronized void appended(Change change) {
    long following = change.version() - last.version();
    if (following <= 0) {
      return;
    }
    // A single change may be larger than the bound.
    if (following > changesMax || (following > 1 && log.isFarBehind(last))) {
      moveTo(change);
    }
  }

  /** Moves to the end of the log: nobody writes what was before. */
  synchronized void skipAll() {
    moveTo(log.last());
  }

  private void moveTo(Change change) {
    Change oldest = last.next();
    if (oldest != null) {
      miss(change.version() - last.version(), oldest.atNs(), change.version());
      last = change;
    }
  }

  private void miss(long changes, long sinceNs, long toVersion) {
    missingSinceNs = missing == 0 ? sinceNs : Math.min(missingSinceNs, sinceNs);
    missingToVersion = toVersion;
    missing += changes;
  }

  /**
   * Takes the change that follows.
   *
   * @param version of the change that the caller took last
   * @return null when there is none, or the caller was cut off
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

  /** All that was taken is written. */
  synchronized void written() {
    taken = 0;
  }

  /** What was taken and not written never will be. */
  synchronized void lost() {
    if (taken > 0) {
      miss(taken, takenSinceNs, last.version());
      taken = 0;
    }
  }

  /** A snapshot tells every change up to a version. */
  synchronized void covered(long version) {
    if (missingToVersion <= version) {
      missing = 0;
    }
  }

  /** The version of the last change that was taken or cut off. */
  synchronized long version() {
    return last.version();
  }

  /** Whether no change follows. */
  synchronized boolean isAtEnd() {
    return last.next() == null;
  }

  /** Changes that no file tells yet. */
  synchronized long lagChanges() {
    return missing + taken + log.version() - last.version();
  }

  /** The age of the oldest of them; 0 when there is none. */
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
