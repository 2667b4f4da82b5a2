// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Change;
import io.systole.server.route.BodySource;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An event stream: a snapshot, then the changes. Used on one event loop. */
final class SseStream implements BodySource {
  /*
   *     snapshot (reset, instances, synced) --> changes, one by one --> END when too far behind
   *
   * The stream holds its position in the log and one event; unread changes stay in the log, which
   * all streams share. The limit on its backlog therefore limits memory too.
   */

  /**
   * Limit on events and filtered changes per read, so that one stream does not hog the event loop.
   */
  static final int SKIPPED_MAX = 4096;

  private static final byte[] NOTHING = {};

  /**
   * The objects shared by all streams.
   *
   * @param onDropped run when a stream ends because its reader is too slow
   */
  record Environment(SseEncoder encoder, EventSettings settings, Clock clock, Runnable onDropped) {}

  private final StreamFilter filter;
  private final StreamPosition position;
  private final SseEncoder encoder;
  private final EventSettings settings;
  private final Clock clock;
  private final Runnable wake;
  private final Runnable onClose;
  private final Runnable onDropped;

  /** The instances that the reader has received; tracked only if they may leave the scope. */
  private final Set<InstanceKey> known = new HashSet<>();

  private final Map<InstanceStatus, Integer> statuses = new EnumMap<>(InstanceStatus.class);
  private byte[] event;
  private int sent;
  private long lastSentNs;

  /**
   * Creates a stream.
   *
   * @param instances number of instances in the snapshot
   * @param position initial position
   * @param wake run when the stream has data again after an empty read
   * @param onClose run when the stream is closed
   */
  SseStream(
      StreamFilter filter,
      int instances,
      StreamPosition position,
      Environment environment,
      Runnable wake,
      Runnable onClose) {
    this.filter = filter;
    this.position = position;
    this.encoder = environment.encoder();
    this.settings = environment.settings();
    this.clock = environment.clock();
    this.onDropped = environment.onDropped();
    this.wake = wake;
    this.onClose = onClose;
    this.lastSentNs = clock.monotonicNs();
    event = position.snapshot() == null ? NOTHING : encoder.reset(instances);
  }

  @Override
  public int read(byte[] into, int from, int length) {
    if (!position.isWithin(settings.backlogMax())) {
      onDropped.run();
      return END;
    }
    int filled = 0;
    int skipped = 0;
    while (filled < length && skipped < SKIPPED_MAX) {
      if (sent == event.length) {
        byte[] next = next();
        if (next == null) {
          break;
        }
        event = next;
        sent = 0;
        skipped++;
      }
      int count = Math.min(length - filled, event.length - sent);
      System.arraycopy(event, sent, into, from + filled, count);
      sent += count;
      filled += count;
    }
    if (filled > 0) {
      lastSentNs = clock.monotonicNs();
    } else if (skipped == SKIPPED_MAX) {
      // More changes may follow: the next read comes after those of other connections.
      wake.run();
    }
    return filled;
  }

  /** Returns the next event, empty for a filtered change; null if there is none for now. */
  private byte @Nullable [] next() {
    Change at = position.at();
    if (at == null) {
      // Cut off during this read; the next read ends the stream.
      return null;
    }
    Iterator<InstanceInfo> snapshot = position.snapshot();
    if (snapshot != null) {
      return nextOfSnapshot(snapshot, at);
    }
    Change next = at.next();
    if (next != null) {
      position.moveTo(next);
      return eventOf(next);
    }
    long idleNs = clock.monotonicNs() - lastSentNs;
    boolean isHeartbeatDue = idleNs >= TimeUnit.MILLISECONDS.toNanos(settings.heartbeatMs()) / 2;
    if (isHeartbeatDue) {
      lastSentNs = clock.monotonicNs();
      return SseEncoder.HEARTBEAT;
    }
    return null;
  }

  private byte[] nextOfSnapshot(Iterator<InstanceInfo> rest, Change at) {
    if (!rest.hasNext()) {
      position.endSnapshot();
      return encoder.synced(at.version(), AppsHashCode.of(statuses));
    }
    InstanceInfo instance = rest.next();
    statuses.merge(instance.status(), 1, Integer::sum);
    if (filter.isDynamic()) {
      known.add(instance.key());
    }
    return encoder.instance(instance);
  }

  private byte[] eventOf(Change change) {
    InstanceInfo document = change.document();
    boolean isIn = filter.includes(document);
    if (!filter.isDynamic()) {
      return isIn ? encoder.change(change) : NOTHING;
    }
    if (isIn && !change.isRemoval()) {
      known.add(document.key());
      return encoder.change(change);
    }
    if (!known.remove(document.key())) {
      return NOTHING;
    }
    return change.isRemoval()
        ? encoder.change(change)
        // Still registered, but no longer in scope.
        : encoder.change(
            change.version(),
            document.toBuilder().actionType(ActionType.DELETED).build());
  }

  /** Returns whether the stream has not been ended for being too far behind. Thread-safe. */
  boolean isOpen() {
    return position.at() != null;
  }

  @Override
  public void close() {
    onClose.run();
  }
}
