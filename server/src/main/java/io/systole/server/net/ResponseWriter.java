// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.RequestKind;
import io.systole.server.net.LoopContext.Stage;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.net.PreencodedResponses.ResponseFraming;
import io.systole.server.net.Quotas.Quota;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import io.systole.server.route.SourceAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Writes a connection's responses in the order of its requests. Responses are batched in one buffer
 * until {@link #flush}; a deferred response blocks those behind it. Confined to the connection's
 * loop.
 */
final class ResponseWriter implements StreamingBodyWriter.ChunkSink, HeartbeatBatch.BareResponses {
  /** A response, present or still to come, in the order of responses. */
  static final class PendingResponse {
    private final ResponseFraming framing;

    /** The kind of the request; null if its latency is not recorded. */
    private final @Nullable RequestKind kind;

    private final long requestNs;
    private @Nullable Response response;
    private byte @Nullable [] interim;
    private @Nullable AsyncResponse callback;

    /** The streamed body being written; non-null only at the head of the queue. */
    private @Nullable StreamingBodyWriter bodyWriter;

    private PendingResponse(ResponseFraming framing, @Nullable RequestKind kind, long requestNs) {
      this.framing = framing;
      this.kind = kind;
      this.requestNs = requestNs;
    }

    /** Returns the bytes of the body that are in memory; 0 if it is to come or is streamed. */
    private int bodyBytes() {
      return response != null && response.body() instanceof ResponseBody.Full full
          ? full.bytes().length
          : 0;
    }

    /** Sets the callback to abandon if the connection closes before the response is present. */
    void setCallback(AsyncResponse callback) {
      this.callback = callback;
    }
  }

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A larger body is wrapped rather than copied behind its head. */
  private static final int COPY_BYTES_MAX = 8192;

  /** The unsent bytes of a streamed body that the kernel may buffer. */
  private static final long KERNEL_BYTES_MAX = 2 * LoopContext.CHUNK_BYTES_MAX;

  private static final int BATCH_BYTES_MIN = 256;

  private final Channel channel;
  private final LoopContext loop;
  private final PreencodedResponses preencoded;
  private final Quotas quotas;
  private final SourceAddress source;
  private final ConnectionTimeouts timeouts;
  private final Counters counters;
  private final Runnable onFlushed;
  private final Runnable onBodyEnded;
  private final ArrayDeque<PendingResponse> pending = new ArrayDeque<>(2);
  private @Nullable ByteBuf batch;

  /**
   * The last response while the server stops, held until it is known whether to announce a close.
   */
  private @Nullable PendingResponse held;

  /** Bytes of the bodies in the queue that are in memory. */
  private long pendingBytes;

  /** The size of the last batch, the initial capacity of the next. */
  private int batchCapacity = BATCH_BYTES_MIN;

  /** True if the channel holds writes that were not flushed. */
  private boolean isUnflushed;

  private boolean isClosing;

  /** True if streams of unknown length are to end now. */
  private boolean areStreamsEnding;

  /**
   * @param source the source address whose quota streamed responses are charged to
   * @param onFlushed called after each flush
   * @param onBodyEnded called when a streamed body was sent and the responses behind it are written
   */
  ResponseWriter(
      Channel channel,
      LoopContext loop,
      Quotas quotas,
      SourceAddress source,
      ConnectionTimeouts timeouts,
      Counters counters,
      Runnable onFlushed,
      Runnable onBodyEnded) {
    this.channel = channel;
    this.loop = loop;
    this.preencoded = loop.preencoded;
    this.quotas = quotas;
    this.source = source;
    this.timeouts = timeouts;
    this.counters = counters;
    this.onFlushed = onFlushed;
    this.onBodyEnded = onBodyEnded;
  }

  /**
   * Writes the response to the next request in order.
   *
   * @param kind of the request; null if its latency is not recorded
   * @param requestNs the time of the read that completed the request, monotonic
   */
  void write(
      Response response, ResponseFraming framing, @Nullable RequestKind kind, long requestNs) {
    if (pending.isEmpty() && loop.stage() == Stage.SERVING) {
      encode(response, framing);
      recordLatency(kind, response.status(), requestNs);
    } else {
      complete(defer(framing, kind, requestNs), response);
    }
  }

  /** Writes a response of status line and framing only to a heartbeat, the next in order. */
  @Override
  public void writeBare(int status, ResponseFraming framing, long requestNs) {
    if (pending.isEmpty() && loop.stage() == Stage.SERVING) {
      encodeBare(status, framing);
      recordLatency(RequestKind.HEARTBEAT, status, requestNs);
    } else {
      write(Response.ofStatus(status), framing, RequestKind.HEARTBEAT, requestNs);
    }
  }

  private void recordLatency(@Nullable RequestKind kind, int status, long requestNs) {
    if (kind != null) {
      loop.latencies.written(kind, status, requestNs);
    }
  }

  /**
   * Reserves a place in the order for a response to come.
   *
   * @param kind of the request; null if its latency is not recorded
   * @param requestNs the time of the read that completed the request, monotonic
   */
  PendingResponse defer(ResponseFraming framing, @Nullable RequestKind kind, long requestNs) {
    releaseHeld(false);
    PendingResponse pendingResponse = new PendingResponse(framing, kind, requestNs);
    pending.add(pendingResponse);
    return pendingResponse;
  }

  /** Completes a deferred response, and writes those it has blocked. */
  void complete(PendingResponse pendingResponse, Response response) {
    pendingResponse.response = response;
    pendingBytes += pendingResponse.bodyBytes();
    writeReady();
  }

  /** Writes 100 Continue (RFC 9110 §10.1.1). */
  void writeContinue() {
    releaseHeld(false);
    if (pending.isEmpty()) {
      batch().writeBytes(CONTINUE);
    } else {
      defer(ResponseFraming.PLAIN, null, 0).interim = CONTINUE;
    }
  }

  /** Writes the responses ready at the head of the queue; holds the last while the server stops. */
  private void writeReady() {
    for (PendingResponse next = pending.peek(); next != null; next = pending.peek()) {
      if (next.bodyWriter != null || (next.interim == null && next.response == null)) {
        return;
      }
      pending.remove();
      pendingBytes -= next.bodyBytes();
      if (next.interim != null) {
        batch().writeBytes(next.interim);
      } else if (pending.isEmpty() && loop.stage() != Stage.SERVING) {
        held = next;
      } else if (next.response != null) {
        encode(next.response, next.framing);
        recordLatency(next.kind, next.response.status(), next.requestNs);
      }
    }
  }

  /**
   * Writes the held response, if there is one.
   *
   * @param isLast whether it announces that the connection closes
   */
  void releaseHeld(boolean isLast) {
    PendingResponse last = held;
    held = null;
    if (last != null && last.response != null) {
      encode(last.response, isLast ? last.framing.closing() : last.framing);
      recordLatency(last.kind, last.response.status(), last.requestNs);
    }
  }

  private void encodeBare(int status, ResponseFraming framing) {
    if (!isClosing) {
      isClosing = framing.connectionMode() == ConnectionMode.CLOSE;
      batch().writeBytes(preencoded.bare(status, framing.connectionMode()));
    }
  }

  private void encode(Response response, ResponseFraming framing) {
    if (isClosing) {
      return;
    }
    if (response.isBare()) {
      encodeBare(response.status(), framing);
    } else if (response.body() instanceof ResponseBody.Full full) {
      encodeHead(response, framing);
      encodeBody(full.bytes(), framing);
    } else {
      encodeStreamed(response, framing);
    }
  }

  private void encodeHead(Response response, ResponseFraming framing) {
    isClosing = framing.connectionMode() == ConnectionMode.CLOSE;
    batch().writeBytes(preencoded.head(response, framing));
  }

  private void encodeBody(byte[] body, ResponseFraming framing) {
    if (framing.isHeadOnly()) {
      return;
    }
    if (body.length <= COPY_BYTES_MAX) {
      batch().writeBytes(body);
    } else {
      writeBatch();
      write(Unpooled.wrappedBuffer(body));
    }
  }

  /** Begins a response with a streamed body, at the head of the queue. */
  private void encodeStreamed(Response response, ResponseFraming requested) {
    boolean isUnbounded = response.body().length() == ResponseBody.UNKNOWN_LENGTH;
    ResponseFraming framing =
        isUnbounded && !requested.isHttp11() ? requested.closing() : requested;
    if (framing.isHeadOnly()) {
      encodeHead(response, framing);
      return;
    }
    Runnable permit = permitFor(response.body());
    if (permit == null) {
      counters.responseRefused();
      encode(Response.OVERLOADED, requested);
      return;
    }
    StreamingBodyWriter bodyWriter = new StreamingBodyWriter(
        this, loop, timeouts, counters, permit, response.body(), isUnbounded && framing.isHttp11());
    if (!bodyWriter.open()) {
      encode(Response.INTERNAL_ERROR, requested);
      return;
    }
    NotSentLowWaterMark.set(channel, KERNEL_BYTES_MAX);
    encodeHead(response, framing);
    PendingResponse pendingResponse = new PendingResponse(framing, null, 0);
    pendingResponse.bodyWriter = bodyWriter;
    pending.addFirst(pendingResponse);
    bodyWriter.start();
    if (isUnbounded && (areStreamsEnding || loop.stage() != Stage.SERVING)) {
      bodyWriter.end();
    }
  }

  /** Reserves the quota of a body; returns the action to release it, or null if exhausted. */
  private @Nullable Runnable permitFor(ResponseBody body) {
    Quota quota = quotas.of(body);
    if (quota == null) {
      return () -> {};
    }
    Limit exceeded = quota.reserve(source, 1);
    if (exceeded != null) {
      counters.exhausted(quota.resource(), exceeded);
      return null;
    }
    return () -> quota.release(source, 1);
  }

  /** Ends the current stream of unknown length, and every later one as soon as it begins. */
  void endStreams() {
    areStreamsEnding = true;
    PendingResponse first = pending.peek();
    if (first != null && first.bodyWriter != null && first.bodyWriter.isUnbounded()) {
      first.bodyWriter.end();
    }
  }

  @Override
  public int chunkBytesMax() {
    return quotas.unsentBytes().isScarce(source)
        ? LoopContext.SCARCE_CHUNK_BYTES_MAX
        : LoopContext.CHUNK_BYTES_MAX;
  }

  @Override
  public ByteBuf newBuffer(int bytesMax) {
    return channel.alloc().directBuffer(bytesMax);
  }

  @Override
  public ChannelFuture send(ByteBuf bytes) {
    writeBatch();
    isUnflushed = false;
    counters.written(bytes.readableBytes());
    ChannelFuture sent = channel.writeAndFlush(bytes);
    onFlushed.run();
    return sent;
  }

  @Override
  public void bodyEnded() {
    pending.remove();
    writeReady();
    onBodyEnded.run();
  }

  @Override
  public void abort() {
    channel.close();
  }

  private ByteBuf batch() {
    ByteBuf bytes = batch;
    if (bytes == null) {
      bytes = channel.alloc().directBuffer(batchCapacity);
      batch = bytes;
    }
    return bytes;
  }

  private void writeBatch() {
    ByteBuf bytes = batch;
    if (bytes != null) {
      batch = null;
      batchCapacity = Math.max(BATCH_BYTES_MIN, bytes.readableBytes());
      write(bytes);
    }
  }

  private void write(ByteBuf bytes) {
    isUnflushed = true;
    counters.written(bytes.readableBytes());
    channel.write(bytes, channel.voidPromise());
  }

  /** Flushes the batch to the socket. */
  void flush() {
    writeBatch();
    if (isUnflushed) {
      isUnflushed = false;
      channel.flush();
    }
    onFlushed.run();
  }

  /** Flushes the batch; the future completes when the socket has accepted the last byte. */
  ChannelFuture flushLast() {
    writeBatch();
    isUnflushed = false;
    ChannelFuture sent = channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
    onFlushed.run();
    return sent;
  }

  /** Releases what was not sent and abandons the pending responses. */
  void discard() {
    loop.latencies.discard();
    if (batch != null) {
      batch.release();
      batch = null;
    }
    held = null;
    pendingBytes = 0;
    for (PendingResponse pendingResponse = pending.poll();
        pendingResponse != null;
        pendingResponse = pending.poll()) {
      if (pendingResponse.bodyWriter != null) {
        pendingResponse.bodyWriter.close();
      }
      if (pendingResponse.callback != null) {
        pendingResponse.callback.abandon();
      }
    }
  }

  /** Returns the number of bytes in the batch. */
  int batchBytes() {
    return batch == null ? 0 : batch.readableBytes();
  }

  /** Returns the bytes in memory of the bodies that wait for responses before them. */
  long pendingBytes() {
    return pendingBytes;
  }

  /** Returns the number of responses that are deferred, blocked or being streamed. */
  int pendingCount() {
    return pending.size();
  }

  /** Returns whether a response with {@code Connection: close} was written; none follows it. */
  boolean isClosing() {
    return isClosing;
  }
}
