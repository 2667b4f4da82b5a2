// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import io.systole.server.responsecache.ReadSnapshot;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The position of an event stream in the log, and the rest of its snapshot: all that a stream keeps
 * in memory. Can be cleared while the stream is not being read.
 */
final class StreamPosition {
  /*
   * Both fields are volatile. The stream's event loop advances them; any thread may clear them. An
   * advance by the event loop may overwrite a concurrent clear; then the next check clears them
   * again, unless the stream has caught up.
   */

  private final ChangeLog log;
  private volatile @Nullable Change at;
  private volatile @Nullable Iterator<InstanceInfo> snapshot;

  StreamPosition(ChangeLog log, ReadSnapshot snapshot, boolean isResumed) {
    this.log = log;
    this.at = snapshot.at();
    this.snapshot = isResumed ? null : snapshot.instances().iterator();
  }

  /** Returns the last change sent; null once the stream is cut off. */
  @Nullable
  Change at() {
    return at;
  }

  void moveTo(Change sent) {
    at = sent;
  }

  /** Returns the rest of the snapshot; null once it is sent, or if there is none. */
  @Nullable
  Iterator<InstanceInfo> snapshot() {
    return snapshot;
  }

  void endSnapshot() {
    snapshot = null;
  }

  /** Returns whether the stream is within both limits on its backlog. */
  boolean isWithin(int backlogMax) {
    Change position = at;
    return position != null
        && log.version() - position.version() <= backlogMax
        && !log.isFarBehind(position);
  }

  /** Releases the log and the snapshot if the stream is too far behind. */
  void cutOffUnlessWithin(int backlogMax) {
    if (!isWithin(backlogMax)) {
      at = null;
      snapshot = null;
    }
  }
}
