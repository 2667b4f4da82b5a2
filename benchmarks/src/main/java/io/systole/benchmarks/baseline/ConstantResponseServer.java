// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;

/**
 * The least a Netty server can do: it finds where requests end and answers each with a constant
 * 200, one flush per read. It understands nothing, so it is no rival; it is the yardstick that says
 * what the sockets and Netty itself cost.
 */
public final class ConstantResponseServer extends ChannelInitializer<Channel> {
  /** Runs until killed: {@code [--port P]}; port 0, the default, picks one. */
  public static void main(String[] args) {
    int port = Integer.parseInt(BaselineListener.option(args, "--port", "0"));
    try (BaselineListener listening = BaselineListener.on(port, new ConstantResponseServer())) {
      listening.announce("constant");
      listening.awaitClose();
    }
  }

  @Override
  protected void initChannel(Channel channel) {
    channel.pipeline().addLast(new ConstantResponseHandler());
  }
}
