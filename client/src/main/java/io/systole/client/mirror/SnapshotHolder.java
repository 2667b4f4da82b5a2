// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.time.Clock;
import io.systole.protocol.model.InstanceInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where the current copy lies for readers, and what is known of its worth. */
final class SnapshotHolder {
  /*
   * Written by the mirror's thread only, read by any. Each field is volatile and stands for itself:
   * a reader takes one immutable copy and needs no other field to make sense of it. Age and flags
   * are for people; read beside a copy they may be one step newer or older.
   */

  private static final Logger log = LoggerFactory.getLogger(SnapshotHolder.class);

  private record SnapshotChange(
      String app, @Nullable InstanceInfo before, @Nullable InstanceInfo after) {}

  private final Clock clock;
  private final MirrorListener listener;
  private final MirrorCounters counters;
  private volatile RegistrySnapshot snapshot = RegistrySnapshot.EMPTY;
  private volatile @Nullable MirrorServer source;
  private volatile boolean isDoubted;
  private volatile boolean isStreaming;

  /** Monotonic; null until a server has confirmed a copy. */
  private volatile @Nullable Long confirmedNs;

  SnapshotHolder(Clock clock, MirrorListener listener, MirrorCounters counters) {
    this.clock = clock;
    this.listener = listener;
    this.counters = counters;
  }

  RegistrySnapshot snapshot() {
    return snapshot;
  }

  /** Who the copy is from; null when it is nobody's: none yet, or put together in doubt. */
  @Nullable
  MirrorServer source() {
    return source;
  }

  boolean isDoubted() {
    return isDoubted;
  }

  boolean isStreaming() {
    return isStreaming;
  }

  void streaming(boolean isStreaming) {
    this.isStreaming = isStreaming;
  }

  /** A server has said that the copy is right. */
  void confirm() {
    confirmedNs = clock.monotonicNs();
  }

  /** Returns the time since that, ms; the longest there is when none has. */
  long ageMs() {
    Long since = confirmedNs;
    return since == null
        ? Long.MAX_VALUE
        : TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - since);
  }

  /** Puts a whole answer in place of what is there. */
  void replace(RegistrySnapshot next, MirrorServer from) {
    RegistrySnapshot before = snapshot;
    snapshot = next;
    source = from;
    isDoubted = false;
    confirm();
    if (listener != MirrorListener.NONE) {
      SnapshotBuilder.compare(before, next, this::report);
    }
  }

  /** Adds what a doubted answer has, and keeps what it lacks. */
  void join(RegistrySnapshot doubted) {
    SnapshotUpdate draft = draft();
    doubted.stream().forEach(draft.draft::put);
    source = null;
    isDoubted = true;
    draft.publish(RegistrySnapshot.NO_VERSION);
  }

  /** Begins the next copy from the one that is there. */
  SnapshotUpdate draft() {
    return new SnapshotUpdate();
  }

  /** The next copy in the making; readers and the listener see nothing of it until published. */
  final class SnapshotUpdate {
    private final List<SnapshotChange> changes = new ArrayList<>();
    private final SnapshotBuilder draft = new SnapshotBuilder(
        snapshot,
        listener == MirrorListener.NONE
            ? listener
            : (app, before, after) -> changes.add(new SnapshotChange(app, before, after)));

    SnapshotBuilder changes() {
      return draft;
    }

    void publish(long version) {
      snapshot = draft.build(version);
      changes.forEach(change -> report(change.app(), change.before(), change.after()));
    }
  }

  private void report(String app, @Nullable InstanceInfo before, @Nullable InstanceInfo after) {
    try {
      listener.onChange(app, before, after);
    } catch (RuntimeException thrown) {
      if (counters.listenerFailures.incrementAndGet() == 1) {
        log.warn("listener threw, app={}; further ones are logged at DEBUG", app, thrown);
      } else {
        log.debug("listener threw, app={}", app, thrown);
      }
    }
  }
}
