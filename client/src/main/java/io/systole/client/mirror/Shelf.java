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
final class Shelf {
  /*
   * Written by the mirror's thread only, read by any. Each field is volatile and stands for itself:
   * a reader takes one immutable copy and needs no other field to make sense of it. Age and flags
   * are for people; read beside a copy they may be one step newer or older.
   */

  private static final Logger log = LoggerFactory.getLogger(Shelf.class);

  private record Change(
      String app, @Nullable InstanceInfo before, @Nullable InstanceInfo after) {}

  private final Clock clock;
  private final MirrorListener listener;
  private final MirrorCounters counters;
  private volatile RegistryCopy copy = RegistryCopy.EMPTY;
  private volatile @Nullable MirrorServer source;
  private volatile boolean isDoubted;
  private volatile boolean isStreaming;

  /** Monotonic; null until a server has confirmed a copy. */
  private volatile @Nullable Long confirmedNs;

  Shelf(Clock clock, MirrorListener listener, MirrorCounters counters) {
    this.clock = clock;
    this.listener = listener;
    this.counters = counters;
  }

  RegistryCopy copy() {
    return copy;
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
  void replace(RegistryCopy next, MirrorServer from) {
    RegistryCopy before = copy;
    copy = next;
    source = from;
    isDoubted = false;
    confirm();
    if (listener != MirrorListener.NONE) {
      CopyDraft.compare(before, next, this::tell);
    }
  }

  /** Adds what a doubted answer has, and keeps what it lacks. */
  void join(RegistryCopy doubted) {
    Draft draft = draft();
    doubted.stream().forEach(draft.draft::put);
    source = null;
    isDoubted = true;
    draft.publish(RegistryCopy.NO_VERSION);
  }

  /** Begins the next copy from the one that is there. */
  Draft draft() {
    return new Draft();
  }

  /** The next copy in the making; readers and the listener see nothing of it until published. */
  final class Draft {
    private final List<Change> changes = new ArrayList<>();
    private final CopyDraft draft = new CopyDraft(
        copy,
        listener == MirrorListener.NONE
            ? listener
            : (app, before, after) -> changes.add(new Change(app, before, after)));

    CopyDraft changes() {
      return draft;
    }

    void publish(long version) {
      copy = draft.build(version);
      changes.forEach(change -> tell(change.app(), change.before(), change.after()));
    }
  }

  private void tell(String app, @Nullable InstanceInfo before, @Nullable InstanceInfo after) {
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
