// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.concurrent.Future;
import io.systole.protocol.time.Clock;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.metrics.Counters.Handshake;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.net.HandshakeSlots.Attempt;
import io.systole.server.net.HandshakeSlots.Holder;
import io.systole.server.route.SourceAddress;
import io.systole.server.tls.ServerTls;
import io.systole.server.tls.TlsListener;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins TLS on a connection when its ClientHello has arrived, and closes it if it is not one, if
 * too many handshakes are in progress, if the handshake fails, or if the client then misuses TLS.
 */
final class TlsHandshake extends ChannelInboundHandlerAdapter implements Holder, TlsListener {
  /*
   * Confined to the connection's event loop, but for the fields that are volatile. Stays in front
   * of the HttpHandler, to which the decrypted bytes pass through it:
   *
   *     WAITING --first byte of TLS--> HELLO --ClientHello--> HANDSHAKE --success--> ESTABLISHED
   *
   *     WAITING      closed by a byte that is not TLS
   *     HELLO        closed by other bytes, after the timeout, or when dropped
   *     HANDSHAKE    closed by a failure, after the timeout, or when dropped
   *     ESTABLISHED  closed by a renegotiation, or by too many records without application data
   *
   * An idle connection has no SSLEngine and holds no slot, so it costs what a plain one does. HELLO
   * is skipped if the ClientHello arrives in one read. HELLO and HANDSHAKE each hold a slot.
   *
   * A slot is held until no task of the handshake is queued, even if the connection has closed, so
   * that the tasks in the queue never exceed the slots. Whichever of the task's thread and the
   * event loop is last releases it: each first writes its own flag and then reads the other's, and
   * both are volatile.
   *
   * A client of TLS 1.2 could begin handshake after handshake on one connection, each of which
   * costs the server more than the client. BoringSSL refuses that; the JDK does so only by a system
   * property for the whole process. After a handshake, its engine is never in the middle of one
   * otherwise: a KeyUpdate or a ticket of TLS 1.3 is complete within a read, and has no task. The
   * task of a renegotiation is discarded, because a queue filled by those of many established
   * connections would reject the tasks of handshakes.
   *
   * The JDK likewise derives new keys for each KeyUpdate of TLS 1.3, and decrypts records without
   * content, for as long as they arrive. A client needs few of either.
   */

  private static final Logger LOG = LoggerFactory.getLogger(TlsHandshake.class);

  private final Channel channel;
  private final ServerTls tls;
  private final Quotas quotas;
  private final SourceAddress source;
  private final Counters counters;
  private final Clock clock;
  private final long timeoutMs;
  private final ClientHelloScanner scanner = new ClientHelloScanner();

  /** The bytes received, while they are a part of a ClientHello. */
  private @Nullable ByteBuf hello;

  private @Nullable Future<?> helloTimeout;

  /** The engine, from the ClientHello on. */
  private @Nullable SSLEngine engine;

  private boolean isEstablished;
  private boolean isClosed;

  /** True if application data has arrived since the last record was counted. */
  private boolean hasData;

  private @Nullable EmptyRecordLimit emptyRecords;

  /** The time since which the client is awaited; valid unless a task is pending. */
  private volatile long waitingSinceNs;

  private volatile boolean isTaskPending;
  private volatile boolean isHandshakeOver;

  TlsHandshake(
      Channel channel,
      ServerTls tls,
      Quotas quotas,
      SourceAddress source,
      Counters counters,
      Clock clock,
      long timeoutMs) {
    this.channel = channel;
    this.tls = tls;
    this.quotas = quotas;
    this.source = source;
    this.counters = counters;
    this.clock = clock;
    this.timeoutMs = timeoutMs;
  }

  // ---------------------------------------------------------------- ClientHello

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (engine != null) {
      hasData = true;
      ctx.fireChannelRead(message);
      return;
    }
    ByteBuf bytes = (ByteBuf) message;
    if (isClosed) {
      bytes.release();
      return;
    }
    if (hello == null) {
      receivedFirst(ctx, bytes);
    } else {
      hello.writeBytes(bytes);
      bytes.release();
      received(ctx, hello);
    }
  }

  private void receivedFirst(ChannelHandlerContext ctx, ByteBuf bytes) {
    waitingSinceNs = clock.monotonicNs();
    if (bytes.getUnsignedByte(bytes.readerIndex()) == ClientHelloScanner.HANDSHAKE_RECORD) {
      received(ctx, bytes);
    } else {
      bytes.release();
      close(Handshake.NOT_TLS);
    }
  }

  /** @param bytes all bytes so far, which are those of {@link #hello} if it is set */
  private void received(ChannelHandlerContext ctx, ByteBuf bytes) {
    boolean isKept = hello != null;
    switch (scanner.scan(bytes)) {
      case COMPLETE -> begin(ctx, bytes);
      case INVALID -> {
        if (!isKept) {
          bytes.release();
        }
        close(Handshake.FAILED);
      }
      case INCOMPLETE -> {
        if (!isKept) {
          keep(ctx, bytes);
        }
      }
    }
  }

  /** Keeps the first part of a ClientHello. */
  private void keep(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (takeSlot(quotas.clientHellos(), Resource.CLIENT_HELLOS)) {
      // A copy: a read buffer is larger, and there may be one for each open connection.
      hello = ctx.alloc().heapBuffer(bytes.readableBytes()).writeBytes(bytes);
      helloTimeout = ctx.executor()
          .schedule(() -> close(Handshake.TIMED_OUT), timeoutMs, TimeUnit.MILLISECONDS);
    }
    bytes.release();
  }

  private void releaseHello() {
    if (helloTimeout != null) {
      helloTimeout.cancel(false);
      helloTimeout = null;
      quotas.clientHellos().release(this);
    }
    if (hello != null) {
      hello.release();
      hello = null;
    }
  }

  private boolean takeSlot(HandshakeSlots slots, Resource resource) {
    Attempt attempt = slots.take(this, clock.monotonicNs());
    if (attempt.reached() != null) {
      counters.exhausted(resource, attempt.reached());
    }
    if (!attempt.isTaken()) {
      isClosed = true;
      channel.close();
    }
    return attempt.isTaken();
  }

  // ---------------------------------------------------------------- handshake

  /** Adds the TLS handler in front of this one, or closes the connection. */
  private void begin(ChannelHandlerContext ctx, ByteBuf bytes) {
    hello = null;
    releaseHello();
    long nowNs = clock.monotonicNs();
    long leftMs = timeoutMs - TimeUnit.NANOSECONDS.toMillis(nowNs - waitingSinceNs);
    waitingSinceNs = nowNs;
    emptyRecords = new EmptyRecordLimit(nowNs);
    if (!takeSlot(quotas.handshakes(), Resource.HANDSHAKES)) {
      bytes.release();
      return;
    }
    SslHandler handler = newHandler(ctx, bytes, Math.max(1, leftMs));
    engine = handler.engine();
    handler.handshakeFuture().addListener(done -> {
      isHandshakeOver = true;
      releaseSlot();
      completed(done.cause());
    });
    ctx.pipeline().addBefore(ctx.name(), null, handler);
    ctx.pipeline().fireChannelRead(bytes);
  }

  /** Creates the TLS handler; if that fails, releases the slot and the bytes. */
  private SslHandler newHandler(ChannelHandlerContext ctx, ByteBuf bytes, long handshakeTimeoutMs) {
    try {
      return tls.newHandler(ctx.alloc(), handshakeTimeoutMs, this);
    } catch (RuntimeException | Error failure) {
      quotas.handshakes().release(this);
      bytes.release();
      throw failure;
    }
  }

  private void releaseSlot() {
    if (isHandshakeOver && !isTaskPending) {
      quotas.handshakes().release(this);
    }
  }

  /** Discards the tasks of a renegotiation, which has no slot; see {@link #isRenegotiating}. */
  @Override
  public boolean admitsTask() {
    if (isHandshakeOver) {
      return false;
    }
    isTaskPending = true;
    return true;
  }

  @Override
  public void taskCompleted() {
    waitingSinceNs = clock.monotonicNs();
    isTaskPending = false;
    releaseSlot();
  }

  @Override
  public SourceAddress source() {
    return source;
  }

  @Override
  public boolean hasWaited(long durationNs, long nowNs) {
    return !isTaskPending && nowNs - waitingSinceNs >= durationNs;
  }

  @Override
  public void drop() {
    channel.eventLoop().execute(() -> {
      if (!isEstablished) {
        close(Handshake.DROPPED);
      }
    });
  }

  private void completed(@Nullable Throwable cause) {
    if (cause == null) {
      isEstablished = true;
      counters.handshake(Handshake.COMPLETED);
    } else if (!isClosed) {
      boolean isTimeout = cause instanceof SslHandshakeTimeoutException;
      counters.handshake(isTimeout ? Handshake.TIMED_OUT : Handshake.FAILED);
      LOG.debug("TLS handshake failed: {} (from {})", cause.getMessage(), source);
    }
  }

  // ---------------------------------------------------------------- records

  @Override
  public boolean admitsRecord() {
    if (hasData) {
      hasData = false;
      return true;
    }
    if (emptyRecords != null && emptyRecords.admits(clock.monotonicNs())) {
      return true;
    }
    isClosed = true;
    counters.connectionClosed(Closed.EMPTY_TLS_RECORDS);
    LOG.debug("TLS connection closed: too many records without data (from {})", source);
    return false;
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (isEstablished && !isClosed && isRenegotiating()) {
      countClose(Handshake.RENEGOTIATED);
      // Without a close_notify, for which the handler would wait until the discarded task has run.
      channel.unsafe().close(channel.newPromise());
    }
    ctx.fireChannelReadComplete();
  }

  private boolean isRenegotiating() {
    if (engine == null) {
      return false;
    }
    HandshakeStatus status = engine.getHandshakeStatus();
    return status == HandshakeStatus.NEED_TASK || status == HandshakeStatus.NEED_UNWRAP;
  }

  // ---------------------------------------------------------------- end

  private void close(Handshake reason) {
    if (!isClosed) {
      countClose(reason);
      releaseHello();
      channel.close();
    }
  }

  private void countClose(Handshake reason) {
    isClosed = true;
    counters.handshake(reason);
    LOG.debug("TLS connection closed: {} (from {})", reason, source);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    releaseHello();
  }

  /** Closes the connection after bytes that are not valid TLS; passes on any other failure. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    if (cause instanceof DecoderException && cause.getCause() instanceof SSLException invalid) {
      LOG.debug("TLS connection closed: {} (from {})", invalid.getMessage(), source);
      ctx.close();
    } else {
      ctx.fireExceptionCaught(cause);
    }
  }
}
