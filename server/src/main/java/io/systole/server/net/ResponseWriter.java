// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.RequestHead;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.net.LoopContext.Stage;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseBody;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Sends a connection's answers in the order of its requests. Answers gather in one buffer until
 * {@link #flush}; one that comes later holds back those behind it. Used on the connection's loop.
 */
final class ResponseWriter implements StreamingBodyWriter.ChunkSink {
  /** How an answer must be written, whatever it will say. */
  record ResponseFraming(ConnectionMode persistence, boolean isHeadOnly, boolean isHttp11) {
    static final ResponseFraming PLAIN = new ResponseFraming(ConnectionMode.IMPLIED, false, true);

    /** As the request asks for it. */
    static ResponseFraming of(RequestHead head) {
      boolean isHeadOnly = head.method() == HttpMethod.HEAD;
      if (head.keepAlive() && head.isHttp11() && !isHeadOnly) {
        return PLAIN;
      }
      ConnectionMode persistence = ConnectionMode.of(head.isHttp11(), head.keepAlive());
      return new ResponseFraming(persistence, isHeadOnly, head.isHttp11());
    }

    /** The same, but the last on its connection. */
    ResponseFraming closing() {
      return new ResponseFraming(ConnectionMode.CLOSE, isHeadOnly, isHttp11);
    }
  }

  /** A place in the order of answers; filled now or later. */
  static final class PendingResponse {
    private final ResponseFraming manner;
    private @Nullable Response response;
    private byte @Nullable [] interim;
    private @Nullable AsyncResponse awaited;

    /** The long body that is under way; only at the head of the queue. */
    private @Nullable StreamingBodyWriter flow;

    private PendingResponse(ResponseFraming manner) {
      this.manner = manner;
    }

    /** Says who is to be told if the connection goes before this place is filled. */
    void awaits(AsyncResponse callback) {
      awaited = callback;
    }
  }

  private static final byte[] CONTINUE =
      "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** A body over this size is sent as it is rather than copied behind its head. */
  private static final int COPY_BYTES_MAX = 8192;

  /** What the kernel may hold of a long body that its reader has no room for. */
  private static final long KERNEL_BYTES_MAX = 2 * StreamingBodyWriter.CHUNK_BYTES_MAX;

  private static final int BATCH_BYTES_MIN = 256;

  private final Channel channel;
  private final LoopContext loop;
  private final PreencodedResponses preencoded;
  private final Quotas budgets;
  private final SourceAddress source;
  private final ConnectionTimeouts timeouts;
  private final Counters counters;
  private final Runnable onBodyEnded;
  private final ArrayDeque<PendingResponse> pending = new ArrayDeque<>(2);
  private @Nullable ByteBuf batch;

  /** The last response while the node stops; it may be the one that announces the close. */
  private @Nullable PendingResponse held;

  /** What the last batch came to; the next one is probably like it. */
  private int batchBytesGuess = BATCH_BYTES_MIN;

  /** Whether the channel holds what it was not yet told to send. */
  private boolean isUnflushed;

  private boolean isClosing;

  /** Whether endless bodies are to end where they are. */
  private boolean endsStreams;

  /**
   * @param source pays for long answers out of its share
   * @param onBodyEnded run when a long body has been sent, and all that it held back written
   */
  ResponseWriter(
      Channel channel,
      LoopContext loop,
      Quotas budgets,
      SourceAddress source,
      ConnectionTimeouts timeouts,
      Counters counters,
      Runnable onBodyEnded) {
    this.channel = channel;
    this.loop = loop;
    this.preencoded = loop.preencoded;
    this.budgets = budgets;
    this.source = source;
    this.timeouts = timeouts;
    this.counters = counters;
    this.onBodyEnded = onBodyEnded;
  }

  /** Answers the request that is next in order. */
  void response(Response response, ResponseFraming manner) {
    if (pending.isEmpty() && loop.stage() == Stage.SERVING) {
      encode(response, manner);
    } else {
      defer(manner).response = response;
      drain();
    }
  }

  /** Keeps a place in the order for an answer that comes later. */
  PendingResponse defer(ResponseFraming manner) {
    release(false);
    PendingResponse place = new PendingResponse(manner);
    pending.add(place);
    return place;
  }

  /** Fills a place, and sends all that it held back. */
  void complete(PendingResponse place, Response response) {
    place.response = response;
    drain();
  }

  /** Tells a client that waits with its body to send it (RFC 9110 §10.1.1). */
  void interim() {
    release(false);
    if (pending.isEmpty()) {
      batch().writeBytes(CONTINUE);
    } else {
      defer(ResponseFraming.PLAIN).interim = CONTINUE;
    }
  }

  /** Writes what is ready at the head of the order; while the node stops, holds the last of it. */
  private void drain() {
    for (PendingResponse next = pending.peek(); next != null; next = pending.peek()) {
      if (next.flow != null || (next.interim == null && next.response == null)) {
        return;
      }
      pending.remove();
      if (next.interim != null) {
        batch().writeBytes(next.interim);
      } else if (pending.isEmpty() && loop.stage() != Stage.SERVING) {
        held = next;
      } else if (next.response != null) {
        encode(next.response, next.manner);
      }
    }
  }

  /**
   * Writes the response that is held, if there is one.
   *
   * @param isLast whether it announces that the connection closes
   */
  void release(boolean isLast) {
    PendingResponse last = held;
    held = null;
    if (last != null && last.response != null) {
      encode(last.response, isLast ? last.manner.closing() : last.manner);
    }
  }

  private void encode(Response response, ResponseFraming manner) {
    if (isClosing) {
      return;
    }
    if (response.isBare()) {
      isClosing = manner.persistence == ConnectionMode.CLOSE;
      batch().writeBytes(preencoded.bare(response.status(), manner.persistence));
    } else if (response.body() instanceof ResponseBody.Full whole) {
      encodeHead(response, manner);
      encodeBody(whole.bytes(), manner);
    } else {
      encodeLong(response, manner);
    }
  }

  private void encodeHead(Response response, ResponseFraming manner) {
    isClosing = manner.persistence == ConnectionMode.CLOSE;
    batch().writeBytes(preencoded.head(response, manner.persistence, manner.isHttp11));
  }

  private void encodeBody(byte[] body, ResponseFraming manner) {
    if (manner.isHeadOnly) {
      return;
    }
    if (body.length <= COPY_BYTES_MAX) {
      batch().writeBytes(body);
    } else {
      writeBatch();
      write(Unpooled.wrappedBuffer(body));
    }
  }

  /** Begins an answer whose body comes in passes, at the head of the order. */
  private void encodeLong(Response response, ResponseFraming requested) {
    boolean isEndless = response.body().length() == ResponseBody.UNKNOWN_LENGTH;
    ResponseFraming manner = isEndless && !requested.isHttp11 ? requested.closing() : requested;
    if (manner.isHeadOnly) {
      encodeHead(response, manner);
      return;
    }
    Runnable permit = permitFor(response.body());
    if (permit == null) {
      counters.responseRefused();
      encode(Response.OVERLOADED, requested);
      return;
    }
    StreamingBodyWriter flow = new StreamingBodyWriter(
        this, loop, timeouts, counters, permit, response.body(), isEndless && manner.isHttp11);
    if (!flow.open()) {
      encode(Response.INTERNAL_ERROR, requested);
      return;
    }
    TransportKind.boundUnsent(channel, KERNEL_BYTES_MAX);
    encodeHead(response, manner);
    PendingResponse place = new PendingResponse(manner);
    place.flow = flow;
    pending.addFirst(place);
    flow.start();
    if (isEndless && (endsStreams || loop.stage() != Stage.SERVING)) {
      flow.end();
    }
  }

  /** Reserves what a body needs; returns what gives it back, or null when there is none left. */
  private @Nullable Runnable permitFor(ResponseBody body) {
    Quota budget = budgets.of(body);
    if (budget == null) {
      return () -> {};
    }
    Limit exceeded = budget.reserve(source, 1);
    if (exceeded != null) {
      counters.exhausted(budget.resource(), exceeded);
      return null;
    }
    return () -> budget.release(source, 1);
  }

  /** Ends endless bodies where they are, now and from now on. */
  void endStreams() {
    endsStreams = true;
    PendingResponse first = pending.peek();
    if (first != null && first.flow != null && first.flow.isEndless()) {
      first.flow.end();
    }
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
    return channel.writeAndFlush(bytes);
  }

  @Override
  public void bodyEnded() {
    pending.remove();
    drain();
    onBodyEnded.run();
  }

  @Override
  public void cut() {
    channel.close();
  }

  private ByteBuf batch() {
    ByteBuf bytes = batch;
    if (bytes == null) {
      bytes = channel.alloc().directBuffer(batchBytesGuess);
      batch = bytes;
    }
    return bytes;
  }

  private void writeBatch() {
    ByteBuf bytes = batch;
    if (bytes != null) {
      batch = null;
      batchBytesGuess = Math.max(BATCH_BYTES_MIN, bytes.readableBytes());
      write(bytes);
    }
  }

  private void write(ByteBuf bytes) {
    isUnflushed = true;
    counters.written(bytes.readableBytes());
    channel.write(bytes, channel.voidPromise());
  }

  /** Hands everything gathered to the socket. */
  void flush() {
    writeBatch();
    if (isUnflushed) {
      isUnflushed = false;
      channel.flush();
    }
  }

  /** Hands everything gathered to the socket; the future tells when it took the last byte. */
  ChannelFuture flushLast() {
    writeBatch();
    isUnflushed = false;
    return channel.writeAndFlush(Unpooled.EMPTY_BUFFER);
  }

  /** Gives up what was not sent. */
  void discard() {
    if (batch != null) {
      batch.release();
      batch = null;
    }
    held = null;
    for (PendingResponse place = pending.poll(); place != null; place = pending.poll()) {
      if (place.flow != null) {
        place.flow.close();
      }
      if (place.awaited != null) {
        place.awaited.abandon();
      }
    }
  }

  /** Bytes gathered and not yet handed to the socket. */
  int batchBytes() {
    return batch == null ? 0 : batch.readableBytes();
  }

  /** Answers that were promised and are not written. */
  int pendingCount() {
    return pending.size();
  }

  /** Whether the answer that closes the connection was written; nothing follows it. */
  boolean isClosing() {
    return isClosing;
  }
}
