// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
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
    channel.pipeline().addLast(new Handler());
  }

  /**
   * Responds to every empty line with a constant 200. A body without an empty line, such as a JSON
   * document, counts as the beginning of the next request line.
   */
  @SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
  static final class Handler extends ChannelInboundHandlerAdapter {
    private static final byte[] RESPONSE =
        "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(US_ASCII);

    /** Bytes since the last line feed, kept between reads. A lone CR makes it 1. */
    private int lineSize;

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
      ByteBuf in = (ByteBuf) message;
      try {
        int ends = requestEnds(in);
        if (ends > 0) {
          ByteBuf out = context.alloc().directBuffer(ends * RESPONSE.length);
          for (int i = 0; i < ends; i++) {
            out.writeBytes(RESPONSE);
          }
          context.write(out, context.voidPromise());
        }
      } finally {
        in.release();
      }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) {
      context.flush();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      context.close(); // a connection reset by the client
    }

    private int requestEnds(ByteBuf in) {
      int ends = 0;
      int from = in.readerIndex();
      int end = in.writerIndex();
      for (int feed = in.indexOf(from, end, (byte) '\n');
          feed >= 0;
          feed = in.indexOf(from, end, (byte) '\n')) {
        if (lineSize + feed - from == 1) {
          ends++;
        }
        lineSize = 0;
        from = feed + 1;
      }
      lineSize += end - from;
      return ends;
    }
  }
}
