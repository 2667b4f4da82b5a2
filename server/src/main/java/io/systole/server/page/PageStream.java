// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.systole.server.route.BodySource;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An event stream of the page: the present state, then the events of its channel. */
final class PageStream implements BodySource {
  /*
   *     opened: retry --begin--> first events --> events of the channel, one by one
   *     any --end: too far behind, or the node is stopping--> END, and the reader opens another
   *
   * Read on one event loop; begun, and ended unless it keeps up, by the page thread. The volatile
   * fields are all that a stream holds of the channel's memory. An advance by the event loop may
   * overwrite a concurrent clear; the next check clears them again.
   */

  /** The limit on unread bytes, several times what a change of all applications takes. */
  static final long BACKLOG_BYTES_MAX = 8 << 20;

  /** The limit on the time in which a reader receives the first events, which it may not share. */
  static final long FIRST_NS_MAX = TimeUnit.SECONDS.toNanos(30);

  /** A reader whose stream has ended waits for 2 s. */
  private static final byte[] RETRY = "retry: 2000\n\n".getBytes(US_ASCII);

  private final Runnable wake;
  private final Runnable onClose;

  /** The rest of the first events; null once they are sent. */
  private volatile @Nullable Iterator<byte[]> first;

  /** The last event sent of the channel; null before {@link #begin} and after {@link #end}. */
  private volatile @Nullable EncodedEvent at;

  private volatile boolean isEnded;

  /** For the page thread only. */
  private long begunNs;

  private byte[] event = RETRY;
  private int sent;

  /**
   * Creates a stream.
   *
   * @param wake run when the stream has bytes again after an empty read
   * @param onClose run when the stream is closed
   */
  PageStream(Runnable wake, Runnable onClose) {
    this.wake = wake;
    this.onClose = onClose;
  }

  /** Starts the stream with these events, followed by those after {@code last}. */
  void begin(List<byte[]> events, EncodedEvent last, long nowNs) {
    begunNs = nowNs;
    first = events.iterator();
    at = last;
    wake.run();
  }

  /** Ends the stream. */
  void end() {
    isEnded = true;
    first = null;
    at = null;
    wake.run();
  }

  /**
   * Ends the stream if it is too far behind; returns whether it has ended now.
   *
   * @param offered the last event that the reader had a second to receive
   * @param offeredBytesMax the limit on unread bytes up to it
   * @param last the last event
   */
  boolean endUnlessWithin(
      EncodedEvent offered, long offeredBytesMax, EncodedEvent last, long nowNs) {
    EncodedEvent position = at;
    boolean isBehind = position != null
        && (last.bytesSince(position) > BACKLOG_BYTES_MAX
            || offered.bytesSince(position) > offeredBytesMax
            || (first != null && nowNs - begunNs > FIRST_NS_MAX));
    boolean isFirstTime = !isEnded;
    if (isBehind || !isFirstTime) {
      end();
    }
    return isBehind && isFirstTime;
  }

  /** Notifies the connection of events. */
  void wake() {
    wake.run();
  }

  @Override
  public int read(byte[] into, int from, int length) {
    if (isEnded) {
      return END;
    }
    int filled = 0;
    while (filled < length) {
      if (sent == event.length) {
        byte[] next = next();
        if (next == null) {
          break;
        }
        event = next;
        sent = 0;
      }
      int count = Math.min(length - filled, event.length - sent);
      System.arraycopy(event, sent, into, from + filled, count);
      sent += count;
      filled += count;
    }
    return filled;
  }

  /** Returns the next event, or null if there is none for now. */
  private byte @Nullable [] next() {
    EncodedEvent position = at;
    if (position == null) {
      return null;
    }
    Iterator<byte[]> rest = first;
    if (rest != null) {
      if (rest.hasNext()) {
        return rest.next();
      }
      first = null;
    }
    EncodedEvent next = position.next();
    if (next == null) {
      return null;
    }
    at = next;
    return next.text();
  }

  /** Returns whether the stream is ended or closed. */
  boolean isEnded() {
    return isEnded;
  }

  @Override
  public void close() {
    isEnded = true;
    onClose.run();
  }
}
