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

/** A writer of one streamed body, a chunk at a time. */
final class StreamingBodyWriter implements FairScheduler.ScheduledTask {
  /*
   * Confined to the connection's loop, except `wake`, which any thread may call at any time.
   *
   * At most one chunk is in flight; the next is read when the socket has accepted it. A slow reader
   * therefore holds one chunk, regardless of the length of the body.
   *
   *     QUEUED --slice: read and sent--> IN FLIGHT --accepted--> QUEUED
   *     QUEUED --slice: nothing read---> waits for a wake -----> QUEUED    (unknown length only)
   *     QUEUED --slice: the last chunk was accepted--> closed, and `bodyEnded` is called
   *     any    --discarded or failed-----------------> closed
   *
   * `isWoken` coalesces wakes: the first sets it, and the loop clears it before the read that the
   * wake requests. A wake that finds it set precedes that read, which thus sees its data.
   */

  /** The destination of the chunks. */
  interface ChunkSink {
    /** Returns the maximum size of the next chunk, at most that of the loop's chunk. */
    int chunkBytesMax();

    ByteBuf newBuffer(int bytesMax);

    /** Writes and flushes bytes, after all earlier writes. */
    ChannelFuture send(ByteBuf bytes);

    /** Called when the socket has accepted the whole body. */
    void bodyEnded();

    /** Closes the connection, since the body can't be completed as announced. */
    void abort();
  }

  private static final Logger LOG = LoggerFactory.getLogger(StreamingBodyWriter.class);
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  private static final int CRLF = '\r' << 8 | '\n';

  /** Space for a chunk's size in hexadecimal and its two line ends. */
  private static final int FRAME_BYTES_MAX = 16;

  private final ChunkSink sink;
  private final LoopContext loop;
  private final ConnectionTimeouts timeouts;
  private final Counters counters;
  private final Runnable permit;
  private final ResponseBody body;
  private final boolean isUnbounded;
  private final boolean isChunked;
  private final AtomicBoolean isWoken = new AtomicBoolean();

  private @Nullable BodySource source;

  /** Bytes still to be read; meaningless for a body of unknown length. */
  private long leftBytes;

  private boolean isQueued;
  private boolean isInFlight;

  /** True if a body of unknown length is to end before its source does. */
  private boolean mustEnd;

  /** True if the last chunk was written. */
  private boolean isLastSent;

  private boolean isClosed;

  /**
   * @param permit releases the quota that this body holds, if any; called once, on close
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
    this.isUnbounded = body.length() == ResponseBody.UNKNOWN_LENGTH;
    this.leftBytes = body.length();
  }

  /** Opens the source; if that fails, closes this writer and returns false. */
  boolean open() {
    try {
      source = source();
      return true;
    } catch (RuntimeException | Error failure) {
      counters.failed();
      LOG.error("body source failed to open", failure);
      close();
      return false;
    }
  }

  private BodySource source() {
    if (body instanceof ResponseBody.FixedLength fixedLength) {
      return fixedLength.sources().get();
    } else if (body instanceof ResponseBody.Streaming streaming) {
      return streaming.sources().apply(this::wake);
    }
    throw new IllegalStateException("full body has no source");
  }

  /** Starts sending. */
  void start() {
    if (!isUnbounded) {
      isLastSent = leftBytes == 0;
      timeouts.responseBegan(loop.clock.monotonicNs());
    }
    enqueue();
  }

  boolean isUnbounded() {
    return isUnbounded;
  }

  /** Ends a body of unknown length now. */
  void end() {
    mustEnd = true;
    enqueue();
  }

  private void wake() {
    if (isWoken.compareAndSet(false, true)) {
      try {
        loop.loop.execute(this::woken);
      } catch (RejectedExecutionException stopped) {
        // The loops end after their connections.
        LOG.debug("stream woken after shutdown");
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
      loop.scheduler.schedule(this);
    }
  }

  @Override
  public int runSlice() {
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
    } catch (RuntimeException | Error failure) {
      counters.failed();
      LOG.error("body failed, cutting its connection leftBytes={}", leftBytes, failure);
      sink.abort();
      return 0;
    }
  }

  private int sendNext() {
    int chunkBytesMax = sink.chunkBytesMax();
    int most = isUnbounded ? chunkBytesMax : (int) Math.min(chunkBytesMax, leftBytes);
    int size = read(most);
    if (size == BodySource.END) {
      if (!isUnbounded) {
        throw new IllegalStateException("source ended with " + leftBytes + " bytes left");
      }
      return sendEnd();
    }
    if (size > 0) {
      leftBytes -= size;
      isLastSent = !isUnbounded && leftBytes == 0;
      send(chunk(size));
    } else if (!isUnbounded) {
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
      throw new IllegalStateException("source returned " + size + " bytes of at most " + most);
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

  /** Ends a body of unknown length, by the last chunk or by the close of the connection. */
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
      timeouts.chunkPending(loop.clock.monotonicNs());
    }
    sent.addListener(this::accepted);
  }

  /** Continues after the socket has accepted a chunk, or closes if it has failed. */
  private void accepted(Future<?> sent) {
    isInFlight = false;
    timeouts.chunkAccepted();
    if (sent.isSuccess()) {
      enqueue();
    } else {
      sink.abort();
    }
  }

  /** Closes the source and releases the quota, whether or not the body was sent. */
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
    } catch (RuntimeException | Error failure) {
      counters.failed();
      LOG.error("body source failed to close", failure);
    }
  }
}
