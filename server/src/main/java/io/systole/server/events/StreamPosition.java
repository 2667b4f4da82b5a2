// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.registry.Change;
import io.systole.server.registry.ChangeLog;
import io.systole.server.responsecache.ReadSnapshot;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * The position of an event stream in the log, and what is left of its snapshot: all that a stream
 * keeps alive. It can be cut off while the stream's reader takes nothing.
 */
final class StreamPosition {
  /*
   * Both fields are volatile. The stream's event loop moves them forward; any thread may clear them.
   * The event loop may overwrite a clear that races with its move; the next check clears it again,
   * or the stream has caught up.
   */

  private final ChangeLog log;
  private volatile @Nullable Change at;
  private volatile @Nullable Iterator<InstanceInfo> snapshot;

  StreamPosition(ChangeLog log, ReadSnapshot cut, boolean isResumed) {
    this.log = log;
    this.at = cut.at();
    this.snapshot = isResumed ? null : cut.instances().iterator();
  }

  /** The last change that was sent; null once the stream is cut off. */
  @Nullable
  Change at() {
    return at;
  }

  void moveTo(Change sent) {
    at = sent;
  }

  /** What is left of the snapshot; null when it was sent, or is not to be. */
  @Nullable
  Iterator<InstanceInfo> snapshot() {
    return snapshot;
  }

  void endSnapshot() {
    snapshot = null;
  }

  /** Whether the stream may go on: it is not further behind than either bound. */
  boolean isWithin(int backlogMax) {
    Change position = at;
    return position != null
        && log.version() - position.version() <= backlogMax
        && !log.isFarBehind(position);
  }

  /** Lets go of everything when the stream is too far behind. */
  void cutOffUnlessWithin(int backlogMax) {
    if (!isWithin(backlogMax)) {
      at = null;
      snapshot = null;
    }
  }
}
