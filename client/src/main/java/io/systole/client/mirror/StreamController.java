// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.mirror.SseParser.Event;
import io.systole.client.net.Backoff;
import io.systole.client.time.Clock;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows a server's stream where it has one, and says when it is lost. A server tells of its
 * stream by telling versions; stock servers tell none, and are never asked for one. Everything here
 * runs on the mirror's thread.
 */
final class StreamController implements SseSubscriber.SseSubscriptionListener {
  private static final Logger log = LoggerFactory.getLogger(StreamController.class);

  /** Longest wait between tries. */
  private static final long RETRY_MS_MAX = 600_000;

  private final MirrorConfig config;
  private final Clock clock;
  private final SnapshotHolder snapshotHolder;
  private final MirrorCounters counters;
  private final RegistryHttpClient wire;
  private final LongConsumer onLost;
  private final Backoff retries;
  private final JsonCodec codec = new JsonCodec();

  private @Nullable SseSubscriber stream;
  private long notBeforeNs;
  private long openedNs;

  /** @param onLost is told how long to wait before asking what was missed, ms */
  StreamController(
      MirrorConfig config,
      Clock clock,
      SnapshotHolder snapshotHolder,
      MirrorCounters counters,
      RegistryHttpClient wire,
      SplittableRandom random,
      LongConsumer onLost) {
    this.config = config;
    this.clock = clock;
    this.snapshotHolder = snapshotHolder;
    this.counters = counters;
    this.wire = wire;
    this.onLost = onLost;
    this.retries = new Backoff(config.retryMinMs(), RETRY_MS_MAX, random);
    this.notBeforeNs = clock.monotonicNs();
  }

  /** Whether the server of the copy may be asked for one. */
  private boolean isOffered() {
    return config.isStreamWanted()
        && snapshotHolder.source() != null
        && snapshotHolder.snapshot().version() != RegistrySnapshot.NO_VERSION;
  }

  /** Opens it where that is possible now; true when it is open or under way. */
  boolean open() {
    MirrorServer server = snapshotHolder.source();
    if (stream == null && server != null && isOffered() && waitMs() == 0) {
      stream = wire.open(server, snapshotHolder.snapshot().version(), this);
    }
    return stream != null;
  }

  /** Returns how long until it may be opened, ms; the longest there is when there is none. */
  long untilOpenMs() {
    return isOffered() ? waitMs() : Long.MAX_VALUE;
  }

  private long waitMs() {
    return TimeUnit.NANOSECONDS.toMillis(Math.max(0, notBeforeNs - clock.monotonicNs()) + 999_999);
  }

  void close() {
    if (stream != null) {
      stream.close();
      stream = null;
      snapshotHolder.streaming(false);
    }
  }

  @Override
  public void opened() {
    openedNs = clock.monotonicNs();
    snapshotHolder.streaming(true);
  }

  @Override
  public void reported(List<Event> events) throws IOException, MalformedDocumentException {
    SnapshotHolder.SnapshotUpdate draft = null;
    long version = snapshotHolder.snapshot().version();
    for (Event event : events) {
      if (event.type().equals("reset")) {
        throw new IOException("the server can't tell what followed version " + version);
      }
      // What is not newer is in the copy already, by a delta.
      long next = event.type().equals("instance") ? Long.parseLong(event.id()) : version;
      if (next > version) {
        draft = draft == null ? snapshotHolder.draft() : draft;
        byte[] document = event.data();
        draft.changes().apply(codec.decodeInstance(document, 0, document.length, clock.wallMs()));
        version = next;
        counters.events.incrementAndGet();
      }
    }
    if (draft != null) {
      draft.publish(version);
    }
    snapshotHolder.confirm();
  }

  @Override
  public void ended(Throwable cause) {
    counters.streamLosses.incrementAndGet();
    log.debug("stream ended reason={}", wire.reason(cause));
    boolean wasOpen = snapshotHolder.isStreaming();
    stream = null;
    snapshotHolder.streaming(false);
    long nowNs = clock.monotonicNs();
    if (wasOpen && nowNs - openedNs > TimeUnit.MILLISECONDS.toNanos(config.intervalMs())) {
      retries.reset();
    }
    long waitMs = retries.nextMs();
    notBeforeNs = nowNs + TimeUnit.MILLISECONDS.toNanos(waitMs);
    onLost.accept(waitMs);
  }
}
