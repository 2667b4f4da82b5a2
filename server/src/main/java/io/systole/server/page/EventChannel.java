// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** The streams that send the same events. Confined to the page thread. */
final class EventChannel {
  /** The time after which a channel without events sends a comment, so that no proxy closes it. */
  static final long IDLE_NS_MAX = TimeUnit.SECONDS.toNanos(15);

  private static final byte[] COMMENT = ":\n\n".getBytes(US_ASCII);

  private final Set<PageStream> streams = new LinkedHashSet<>();
  private final Runnable onDropped;
  private EncodedEvent last = EncodedEvent.sentinel();
  private EncodedEvent flushed = last;
  private long flushedNs;

  /** @param onDropped run when a stream ends because its reader is too slow */
  EventChannel(Runnable onDropped, long nowNs) {
    this.onDropped = onDropped;
    this.flushedNs = nowNs;
  }

  /** Adds a stream, which begins with these events and continues with those appended later. */
  void add(PageStream stream, List<byte[]> first, long nowNs) {
    streams.add(stream);
    stream.begin(first, last, nowNs);
  }

  void remove(PageStream stream) {
    streams.remove(stream);
  }

  boolean isEmpty() {
    return streams.isEmpty();
  }

  /** Appends events for all streams. */
  void append(List<byte[]> events) {
    events.forEach(event -> last = last.append(event));
  }

  /** Wakes the streams if events were appended, and ends those that are too far behind. */
  @SuppressWarnings("ReferenceEquality") // A position in the chain, which nothing equals.
  void flush(long backlogBytesMax, long nowNs) {
    if (last == flushed && nowNs - flushedNs >= IDLE_NS_MAX) {
      last = last.append(COMMENT);
    }
    boolean isNew = last != flushed;
    for (PageStream stream : streams) {
      if (stream.endUnlessWithin(flushed, backlogBytesMax, last, nowNs)) {
        onDropped.run();
      } else if (isNew) {
        stream.wake();
      }
    }
    if (isNew) {
      flushed = last;
      flushedNs = nowNs;
    }
  }

  /** Ends all streams. */
  void end() {
    new ArrayList<>(streams).forEach(PageStream::end);
    streams.clear();
  }
}
