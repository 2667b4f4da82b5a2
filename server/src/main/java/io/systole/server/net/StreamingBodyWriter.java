// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.util.concurrent.Future;
import io.systole.server.metrics.Counters;
import io.systole.server.route.BodySource;
import io.systole.server.route.ResponseBody;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One long body on its way to its reader, a chunk at a time. */
final class StreamingBodyWriter implements FairScheduler.ScheduledTask {
  /*
   * Used on the connection's loop, but for `wake`, which any thread may run at any time.
   *
   * At most one chunk is on its way into the socket; the next is read when the socket has taken it.
   * So a slow reader holds one chunk, whatever the body's length.
   *
   *     QUEUED --turn: read and sent--> IN FLIGHT --taken--> QUEUED
   *     QUEUED --turn: nothing read---> waits for a wake --> QUEUED        (endless bodies only)
   *     QUEUED --turn: the last chunk was taken--> closed, and the outlet is told
   *     any    --discarded or broken------------> closed
   *
   * `isWoken` joins wakes: it is set by the first and cleared on the loop before the read that it
   * asks for. A wake that finds it set comes before that read, and what it tells of is read by it.
   */

  /** Where the chunks go. */
  interface ChunkSink {
    ByteBuf newBuffer(int bytesMax);

    /** Hands bytes to the socket at once, behind all that was written before. */
    ChannelFuture send(ByteBuf bytes);

    /** Takes note that the socket has the whole body. */
    void bodyEnded();

    /** Ends the connection: what its peer was told of the body no longer holds. */
    void cut();
  }

  /** Most bytes of one chunk. */
  static final int CHUNK_BYTES_MAX = 64 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(StreamingBodyWriter.class);
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int CRLF = '\r' << 8 | '\n';

  /** Room for a chunk's size in hexadecimal and for its two line ends. */
  private static final int FRAME_BYTES_MAX = 16;

  private final ChunkSink sink;
  private final LoopContext loop;
  private final ConnectionTimeouts timeouts;
  private final Counters counters;
  private final Runnable permit;
  private final ResponseBody body;
  private final boolean isEndless;
  private final boolean isChunked;
  private final AtomicBoolean isWoken = new AtomicBoolean();

  private @Nullable BodySource source;

  /** Bytes that are still to be read; meaningless for an endless body. */
  private long leftBytes;

  private boolean isQueued;
  private boolean isInFlight;

  /** Whether an endless body is to end before its passage does. */
  private boolean mustEnd;

  /** Whether nothing follows what was handed to the socket. */
  private boolean isLastSent;

  private boolean isClosed;

  /**
   * @param permit returns the unit of a budget that this body holds, if it does; run once, at the
   *     end
   * @param isChunked whether the body is sent in the chunked transfer coding
   */
  StreamingBodyWriter(
      ChunkSink sink,
      LoopContext loop,
      ConnectionTimeouts timeouts,
      Counters counters,
      Runnable permit,
      ResponseBody body,
      boolean isChunked) {
    this.sink = sink;
    this.loop = loop;
    this.timeouts = timeouts;
    this.counters = counters;
    this.permit = permit;
    this.body = body;
    this.isChunked = isChunked;
    this.isEndless = body.length() == ResponseBody.UNKNOWN_LENGTH;
    this.leftBytes = body.length();
  }

  /** Opens the passage; false when it doesn't open, and then the flow is closed. */
  boolean open() {
    try {
      source = source();
      return true;
    } catch (RuntimeException | Error defect) {
      counters.failed();
      LOG.error("a body did not open", defect);
      close();
      return false;
    }
  }

  private BodySource source() {
    if (body instanceof ResponseBody.FixedLength measured) {
      return measured.passages().get();
    } else if (body instanceof ResponseBody.Streaming endless) {
      return endless.passages().apply(this::wake);
    }
    throw new IllegalStateException("a body at hand has no passage");
  }

  /** Begins to send. */
  void start() {
    if (!isEndless) {
      isLastSent = leftBytes == 0;
      timeouts.responseBegan(loop.clock.monotonicNs());
    }
    enqueue();
  }

  boolean isEndless() {
    return isEndless;
  }

  /** Ends an endless body where it is. */
  void end() {
    mustEnd = true;
    enqueue();
  }

  private void wake() {
    if (isWoken.compareAndSet(false, true)) {
      try {
        loop.loop.execute(this::woken);
      } catch (RejectedExecutionException stopped) {
        // The node has stopped; whatever there is to read, nobody will.
        LOG.debug("an endless body was woken after the stop");
      }
    }
  }

  private void woken() {
    isWoken.set(false);
    enqueue();
  }

  private void enqueue() {
    if (!isQueued && !isInFlight && !isClosed) {
      isQueued = true;
      loop.turns.add(this);
    }
  }

  @Override
  public int take() {
    isQueued = false;
    if (isClosed || isInFlight) {
      return 0;
    }
    try {
      if (isLastSent) {
        close();
        sink.bodyEnded();
        return 0;
      }
      return mustEnd ? sendEnd() : sendNext();
    } catch (RuntimeException | Error defect) {
      counters.failed();
      LOG.error("body broke off, its connection is cut leftBytes={}", leftBytes, defect);
      sink.cut();
      return 0;
    }
  }

  private int sendNext() {
    int most = isEndless ? CHUNK_BYTES_MAX : (int) Math.min(CHUNK_BYTES_MAX, leftBytes);
    int size = read(most);
    if (size == BodySource.END) {
      if (!isEndless) {
        throw new IllegalStateException("the passage ended before its length");
      }
      return sendEnd();
    }
    if (size > 0) {
      leftBytes -= size;
      isLastSent = !isEndless && leftBytes == 0;
      send(chunk(size));
    } else if (!isEndless) {
      enqueue();
    }
    return size;
  }

  private int read(int most) {
    if (source == null) {
      throw new IllegalStateException("not open");
    }
    int size = source.read(loop.chunk, 0, most);
    if (size > most || size < BodySource.END) {
      throw new IllegalStateException("the passage brought " + size + " bytes of at most " + most);
    }
    return size;
  }

  private ByteBuf chunk(int size) {
    ByteBuf bytes = sink.newBuffer(isChunked ? size + FRAME_BYTES_MAX : size);
    if (isChunked) {
      bytes.writeCharSequence(Integer.toHexString(size), StandardCharsets.US_ASCII);
      bytes.writeShort(CRLF);
    }
    bytes.writeBytes(loop.chunk, 0, size);
    return isChunked ? bytes.writeShort(CRLF) : bytes;
  }

  /** Ends an endless body: by the last chunk, or by the end of the connection that follows. */
  private int sendEnd() {
    isLastSent = true;
    if (isChunked) {
      send(sink.newBuffer(LAST_CHUNK.length).writeBytes(LAST_CHUNK));
    } else {
      enqueue();
    }
    return 0;
  }

  private void send(ByteBuf bytes) {
    isInFlight = true;
    ChannelFuture sent = sink.send(bytes);
    if (!sent.isDone()) {
      timeouts.chunkWaits(loop.clock.monotonicNs());
    }
    sent.addListener(this::taken);
  }

  /** The socket has taken the chunk, or will take nothing any more. */
  private void taken(Future<?> sent) {
    isInFlight = false;
    timeouts.chunkTaken();
    if (sent.isSuccess()) {
      enqueue();
    } else {
      sink.cut();
    }
  }

  /** Gives back what the body holds, whether or not it was sent. */
  void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    timeouts.responseEnded();
    permit.run();
    try {
      if (source != null) {
        source.close();
      }
    } catch (RuntimeException | Error defect) {
      counters.failed();
      LOG.error("a passage did not close", defect);
    }
  }
}
