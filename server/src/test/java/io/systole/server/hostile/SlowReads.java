// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.handler.ssl.SslHandler;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Lets one read of the socket pass in a second, once the TLS handshake is complete. The TLS handler
 * would read until it has a whole record.
 */
final class SlowReads extends ChannelOutboundHandlerAdapter {
  private static final long INTERVAL_NS = TimeUnit.MILLISECONDS.toNanos(900);

  private long lastNs = System.nanoTime();

  @Override
  public void read(ChannelHandlerContext ctx) {
    @Nullable SslHandler tls = ctx.pipeline().get(SslHandler.class);
    long nowNs = System.nanoTime();
    boolean isHandshaking = tls != null && !tls.handshakeFuture().isDone();
    if (isHandshaking || nowNs - lastNs >= INTERVAL_NS) {
      lastNs = nowNs;
      ctx.read();
    }
  }
}
