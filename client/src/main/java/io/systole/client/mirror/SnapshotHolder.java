// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The current snapshot and its status. */
final class SnapshotHolder {
  /*
   * Written by the mirror's thread only, read by any. Each field is volatile and independent: a
   * reader takes one immutable snapshot and needs no other field to interpret it. Age and flags are
   * informational and may be one step newer or older than the snapshot.
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

  /** Monotonic; null until a server has confirmed a snapshot. */
  private volatile @Nullable Long confirmedNs;

  SnapshotHolder(Clock clock, MirrorListener listener, MirrorCounters counters) {
    this.clock = clock;
    this.listener = listener;
    this.counters = counters;
  }

  RegistrySnapshot snapshot() {
    return snapshot;
  }

  /**
   * Returns the source of the snapshot; null before the first, or while missing instances are kept.
   */
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

  /** Records that a server has confirmed the snapshot. */
  void confirm() {
    confirmedNs = clock.monotonicNs();
  }

  /** Returns the time since the last confirmation, ms; {@link Long#MAX_VALUE} if there was none. */
  long ageMs() {
    Long since = confirmedNs;
    return since == null
        ? Long.MAX_VALUE
        : TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - since);
  }

  /** Replaces the snapshot with that of a full response. */
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

  /** Merges the instances of a response with mass loss, and keeps those it lacks. */
  void merge(RegistrySnapshot partial) {
    SnapshotUpdate update = update();
    partial.stream().forEach(update.builder::put);
    source = null;
    isDoubted = true;
    update.publish(RegistrySnapshot.NO_VERSION);
  }

  /** Begins an update of the current snapshot. */
  SnapshotUpdate update() {
    return new SnapshotUpdate();
  }

  /** An update in progress, invisible to readers and listener until published. */
  final class SnapshotUpdate {
    private final List<SnapshotChange> changes = new ArrayList<>();
    private final SnapshotBuilder builder = new SnapshotBuilder(
        snapshot,
        listener == MirrorListener.NONE
            ? listener
            : (app, before, after) -> changes.add(new SnapshotChange(app, before, after)));

    SnapshotBuilder builder() {
      return builder;
    }

    void publish(long version) {
      snapshot = builder.build(version);
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
