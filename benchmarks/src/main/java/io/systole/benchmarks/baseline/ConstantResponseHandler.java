// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Responds to every empty line with a constant 200. A body without an empty line, such as a JSON
 * document, counts as the beginning of the next request line.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a failed write closes the connection
final class ConstantResponseHandler extends ChannelInboundHandlerAdapter {
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
