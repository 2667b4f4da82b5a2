// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;

/**
 * The minimal Netty server: finds the end of each request and returns a constant 200, one flush per
 * read. It parses nothing; its cost is that of the sockets and of Netty.
 */
public final class ConstantResponseServer extends ChannelInitializer<Channel> {
  /** Runs until killed: {@code [--port P]}; port 0, the default, for any. */
  public static void main(String[] args) {
    int port = Integer.parseInt(BaselineListener.option(args, "--port", "0"));
    try (BaselineListener listener = BaselineListener.bind(port, new ConstantResponseServer())) {
      listener.announce("constant");
      listener.awaitClose();
    }
  }

  @Override
  protected void initChannel(Channel channel) {
    channel.pipeline().addLast(new ConstantResponseHandler());
  }
}
