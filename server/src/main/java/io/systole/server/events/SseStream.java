// SPDX-License-Identifier: Apache-2.0
package io.systole.server.events;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.AppsHashCode;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change;
import io.systole.server.route.BodySource;
import io.systole.server.time.Clock;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One stream on its way: the snapshot, then the changes. Used on one event loop. */
final class SseStream implements BodySource {
  /*
   *     snapshot (reset, instances, synced) --> changes, one after the other --> END, once too far behind
   *
   * The stream holds its position in the log and one event; what its reader doesn't take stays in
   * the log, which others share. How far it may be behind is therefore a bound on memory too.
   */

  /** A read brings at most this many changes that the scope leaves out; then it's others' turn. */
  static final int SKIPPED_MAX = 4096;

  private static final byte[] NOTHING = {};

  private final StreamFilter scope;
  private final StreamPosition position;
  private final SseEncoder text;
  private final EventSettings settings;
  private final Clock clock;
  private final Runnable wake;
  private final Runnable onClose;
  private final Runnable onDropped;

  /** What the reader knows to be in the scope, where that can't be seen from a change alone. */
  private final Set<InstanceKey> known = new HashSet<>();

  private final Map<InstanceStatus, Integer> statuses = new EnumMap<>(InstanceStatus.class);
  private byte[] event;
  private int sent;
  private long lastSentNs;

  /**
   * @param instances how many the snapshot has
   * @param position at the beginning
   * @param wake to be run when the stream was quiet and has something to say again; names the
   *     stream where it is closed
   * @param streams what it belongs to
   */
  SseStream(
      StreamFilter scope,
      int instances,
      StreamPosition position,
      EventStreams streams,
      Runnable wake) {
    this.scope = scope;
    this.position = position;
    this.text = streams.text();
    this.settings = streams.settings();
    this.clock = streams.clock();
    this.wake = wake;
    this.onClose = () -> streams.closed(wake);
    this.onDropped = streams::noteDropped;
    this.lastSentNs = clock.monotonicNs();
    event = position.snapshot() == null ? NOTHING : text.reset(instances);
  }

  @Override
  public int read(byte[] into, int from, int length) {
    if (!position.isWithin(settings.backlogMax())) {
      onDropped.run();
      return END;
    }
    int brought = 0;
    int skipped = 0;
    while (brought < length && skipped < SKIPPED_MAX) {
      if (sent == event.length) {
        byte[] next = next();
        if (next == null) {
          break;
        }
        event = next;
        sent = 0;
        skipped++;
      }
      int count = Math.min(length - brought, event.length - sent);
      System.arraycopy(event, sent, into, from + brought, count);
      sent += count;
      brought += count;
    }
    if (brought > 0) {
      lastSentNs = clock.monotonicNs();
    } else if (skipped == SKIPPED_MAX) {
      // Not at the end of the log: goes on after the others.
      wake.run();
    }
    return brought;
  }

  /** The next event, empty for a change that is not to be told; null when there is none now. */
  private byte @Nullable [] next() {
    Change at = position.at();
    if (at == null) {
      // Cut off since this read began; the next one ends it.
      return null;
    }
    Iterator<InstanceInfo> snapshot = position.snapshot();
    if (snapshot != null) {
      return nextOfSnapshot(snapshot, at);
    }
    Change next = at.next();
    if (next != null) {
      position.moveTo(next);
      return reported(next);
    }
    long silentNs = clock.monotonicNs() - lastSentNs;
    boolean isTooSilent = silentNs >= TimeUnit.MILLISECONDS.toNanos(settings.heartbeatMs()) / 2;
    if (isTooSilent) {
      lastSentNs = clock.monotonicNs();
      return SseEncoder.HEARTBEAT;
    }
    return null;
  }

  private byte[] nextOfSnapshot(Iterator<InstanceInfo> rest, Change at) {
    if (!rest.hasNext()) {
      position.endSnapshot();
      return text.synced(at.version(), AppsHashCode.of(statuses));
    }
    InstanceInfo instance = rest.next();
    statuses.merge(instance.status(), 1, Integer::sum);
    if (scope.canBeLeft()) {
      known.add(instance.key());
    }
    return text.instance(instance);
  }

  private byte[] reported(Change change) {
    InstanceInfo document = change.document();
    boolean isIn = scope.includes(document);
    if (!scope.canBeLeft()) {
      return isIn ? text.change(change) : NOTHING;
    }
    if (isIn && !change.isRemoval()) {
      known.add(document.key());
      return text.change(change);
    }
    if (!known.remove(document.key())) {
      return NOTHING;
    }
    return change.isRemoval()
        ? text.change(change)
        // It lives, but elsewhere.
        : text.change(
            change.version(),
            document.toBuilder().actionType(ActionType.DELETED).build());
  }

  /** Whether it has not been cut off for being too far behind. Any thread. */
  boolean isOpen() {
    return position.at() != null;
  }

  @Override
  public void close() {
    onClose.run();
  }
}
