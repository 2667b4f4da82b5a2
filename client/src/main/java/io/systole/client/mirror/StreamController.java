// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import io.systole.client.mirror.SseParser.Event;
import io.systole.client.net.Backoff;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.time.Clock;
import java.io.IOException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A controller that follows a server's change stream and reports its loss. A server that sends
 * versions has a stream; stock servers send no versions, and no stream is requested from them.
 * Confined to the mirror's thread.
 */
final class StreamController implements SseSubscriber.SseSubscriptionListener {
  private static final Logger log = LoggerFactory.getLogger(StreamController.class);

  /** Longest delay between attempts. */
  private static final long RETRY_MS_MAX = 600_000;

  private final MirrorConfig config;
  private final Clock clock;
  private final SnapshotHolder snapshotHolder;
  private final MirrorCounters counters;
  private final RegistryHttpClient http;
  private final LongConsumer onLost;
  private final Backoff retries;
  private final JsonCodec codec = new JsonCodec();

  private @Nullable SseSubscriber stream;
  private long notBeforeNs;
  private long openedNs;

  /** @param onLost receives the delay before fetching missed changes, ms */
  StreamController(
      MirrorConfig config,
      Clock clock,
      SnapshotHolder snapshotHolder,
      MirrorCounters counters,
      RegistryHttpClient http,
      SplittableRandom random,
      LongConsumer onLost) {
    this.config = config;
    this.clock = clock;
    this.snapshotHolder = snapshotHolder;
    this.counters = counters;
    this.http = http;
    this.onLost = onLost;
    this.retries = new Backoff(config.retryMinMs(), RETRY_MS_MAX, random);
    this.notBeforeNs = clock.monotonicNs();
  }

  /** Returns whether the server of the snapshot has a stream. */
  private boolean isOffered() {
    return config.isStreamEnabled()
        && snapshotHolder.source() != null
        && snapshotHolder.snapshot().version() != RegistrySnapshot.NO_VERSION;
  }

  /** Opens the stream if possible; returns true if it is open or opening. */
  boolean open() {
    MirrorServer server = snapshotHolder.source();
    if (stream == null && server != null && isOffered() && waitMs() == 0) {
      stream = http.open(server, snapshotHolder.snapshot().version(), this);
    }
    return stream != null;
  }

  /**
   * Returns the delay until the stream may be opened, ms; {@link Long#MAX_VALUE} if there is none.
   */
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
  public void received(List<Event> events) throws IOException, MalformedDocumentException {
    SnapshotHolder.SnapshotUpdate update = null;
    long version = snapshotHolder.snapshot().version();
    for (Event event : events) {
      if (event.type().equals("reset")) {
        throw new IOException("the server no longer retains the changes since version " + version);
      }
      // A delta may have delivered the change already.
      long next = event.type().equals("instance") ? Long.parseLong(event.id()) : version;
      if (next > version) {
        update = update == null ? snapshotHolder.update() : update;
        byte[] document = event.data();
        update.builder().apply(codec.decodeInstance(document, 0, document.length, clock.wallMs()));
        version = next;
        counters.events.incrementAndGet();
      }
    }
    if (update != null) {
      update.publish(version);
    }
    snapshotHolder.confirm();
  }

  @Override
  public void ended(Throwable cause) {
    counters.streamLosses.incrementAndGet();
    log.debug("stream ended reason={}", http.reason(cause));
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
