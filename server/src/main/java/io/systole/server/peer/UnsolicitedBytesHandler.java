// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.util.function.BooleanSupplier;

/**
 * Closes a channel that receives bytes while no request is in flight. Parsing them would cost CPU
 * for ever, and the next request could receive a response that is not its own.
 */
final class UnsolicitedBytesHandler extends ChannelInboundHandlerAdapter {
  private final BooleanSupplier isInFlight;

  UnsolicitedBytesHandler(BooleanSupplier isInFlight) {
    this.isInFlight = isInFlight;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object bytes) {
    if (isInFlight.getAsBoolean()) {
      context.fireChannelRead(bytes);
    } else {
      ReferenceCountUtil.release(bytes);
      // Without the end of TLS, for which the channel would wait.
      context.pipeline().firstContext().close();
    }
  }
}
