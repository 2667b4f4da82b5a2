// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeTimeoutException;
import io.netty.util.ReferenceCountUtil;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Handshake;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.net.Quotas.Quota;
import io.systole.server.route.SourceAddress;
import io.systole.server.tls.ServerTls;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult.HandshakeStatus;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Begins TLS on a connection when its first bytes arrive, and closes it if they are not TLS, if too
 * many handshakes are in progress, or if the handshake fails.
 */
final class TlsHandshake extends ChannelInboundHandlerAdapter {
  /*
   * Confined to the connection's event loop. Stays in front of the HttpHandler, to which the
   * decrypted bytes pass through it:
   *
   *     WAITING --first byte of TLS--> IN PROGRESS --success--> ESTABLISHED
   *        |                               |                         |
   *        +--other byte, quota            +--failure, timeout       +--renegotiation--> closed
   *
   * An idle connection has no SSLEngine and holds no quota, so it costs what a plain one does.
   *
   * A client of TLS 1.2 could begin handshake after handshake on one connection, each of which
   * costs the server more than the client. BoringSSL refuses that; the JDK does so only by a system
   * property for the whole process. After a handshake, its engine is never in the middle of one
   * otherwise: a KeyUpdate or a ticket of TLS 1.3 is complete within a read.
   */

  private static final Logger LOG = LoggerFactory.getLogger(TlsHandshake.class);

  /** The content type of a handshake record (RFC 8446 §5.1), with which each connection begins. */
  private static final int HANDSHAKE_RECORD = 22;

  private final ServerTls tls;
  private final Quota handshakes;
  private final SourceAddress source;
  private final Counters counters;
  private final long timeoutMs;

  /** The engine, from the first byte on. */
  private @Nullable SSLEngine engine;

  private boolean isEstablished;
  private boolean isClosed;

  TlsHandshake(
      ServerTls tls, Quota handshakes, SourceAddress source, Counters counters, long timeoutMs) {
    this.tls = tls;
    this.handshakes = handshakes;
    this.source = source;
    this.counters = counters;
    this.timeoutMs = timeoutMs;
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    if (engine != null) {
      ctx.fireChannelRead(message);
      return;
    }
    ByteBuf bytes = (ByteBuf) message;
    if (isClosed || !begin(ctx, bytes)) {
      ReferenceCountUtil.release(message);
      return;
    }
    ctx.pipeline().fireChannelRead(message);
  }

  /** Adds the TLS handler in front of this one, or closes the connection and returns false. */
  private boolean begin(ChannelHandlerContext ctx, ByteBuf bytes) {
    if (bytes.getUnsignedByte(bytes.readerIndex()) != HANDSHAKE_RECORD) {
      close(ctx, Handshake.NOT_TLS);
      return false;
    }
    Limit exceeded = handshakes.reserve(source, 1);
    if (exceeded != null) {
      counters.exhausted(handshakes.resource(), exceeded);
      isClosed = true;
      ctx.close();
      return false;
    }
    SslHandler handler = tls.newHandler(ctx.alloc(), timeoutMs);
    engine = handler.engine();
    handler.handshakeFuture().addListener(done -> {
      handshakes.release(source, 1);
      completed(done.cause());
    });
    ctx.pipeline().addBefore(ctx.name(), null, handler);
    return true;
  }

  private void completed(@Nullable Throwable cause) {
    if (cause == null) {
      isEstablished = true;
      counters.handshake(Handshake.COMPLETED);
    } else {
      boolean isTimeout = cause instanceof SslHandshakeTimeoutException;
      counters.handshake(isTimeout ? Handshake.TIMED_OUT : Handshake.FAILED);
      LOG.debug("TLS handshake failed: {} (from {})", cause.getMessage(), source);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    if (isEstablished && !isClosed && isRenegotiating()) {
      close(ctx, Handshake.RENEGOTIATED);
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

  private void close(ChannelHandlerContext ctx, Handshake reason) {
    isClosed = true;
    counters.handshake(reason);
    LOG.debug("TLS connection closed: {} (from {})", reason, source);
    ctx.close();
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
