// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.List;

/**
 * A decoder of the start of a SOCKS 5 connection (RFC 1928 §3 to §5) without authentication. It
 * passes on the requested address; the connection stays without a reply until {@link #REPLY_OK}.
 * Anything but CONNECT to an IP address closes it.
 */
final class SocksDecoder extends ByteToMessageDecoder {
  /*
   *   client: version=5, count, method...
   *   proxy:  version=5, method=0
   *   client: version=5, command=1, 0, type (1: IPv4, 4: IPv6), address, port (2 bytes)
   *   proxy:  version=5, status=0, 0, type=1, address (4 bytes), port (2 bytes)
   */
  private static final int VERSION = 5;
  private static final int CONNECT = 1;
  private static final int IPV4 = 1;
  private static final int IPV6 = 4;
  private static final int GREETING_BYTES = 2;
  private static final int REQUEST_BYTES = 4;
  private static final byte[] NO_AUTHENTICATION = {VERSION, 0};

  /**
   * The reply to a request that succeeded; the address on the far side of the proxy is left out.
   */
  static final byte[] REPLY_OK = {VERSION, 0, 0, IPV4, 0, 0, 0, 0, 0, 0};

  private boolean isGreeted;

  @Override
  protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws UnknownHostException {
    if (isGreeted) {
      request(context, in, out);
    } else {
      greet(context, in);
    }
  }

  private void greet(ChannelHandlerContext context, ByteBuf in) {
    if (in.readableBytes() < GREETING_BYTES) {
      return;
    }
    int bytes = GREETING_BYTES + in.getUnsignedByte(in.readerIndex() + 1);
    if (in.getUnsignedByte(in.readerIndex()) != VERSION) {
      refuse(context, in);
    } else if (in.readableBytes() >= bytes) {
      in.skipBytes(bytes);
      isGreeted = true;
      context.writeAndFlush(Unpooled.wrappedBuffer(NO_AUTHENTICATION));
    }
  }

  private static void request(ChannelHandlerContext context, ByteBuf in, List<Object> out)
      throws UnknownHostException {
    if (in.readableBytes() < REQUEST_BYTES) {
      return;
    }
    int start = in.readerIndex();
    int command = in.getUnsignedByte(start + 1);
    int type = in.getUnsignedByte(start + REQUEST_BYTES - 1);
    if (in.getUnsignedByte(start) != VERSION
        || command != CONNECT
        || (type != IPV4 && type != IPV6)) {
      refuse(context, in);
      return;
    }
    byte[] address = new byte[type == IPV4 ? 4 : 16];
    if (in.readableBytes() >= REQUEST_BYTES + address.length + Short.BYTES) {
      in.skipBytes(REQUEST_BYTES).readBytes(address);
      out.add(new InetSocketAddress(InetAddress.getByAddress(address), in.readUnsignedShort()));
    }
  }

  private static void refuse(ChannelHandlerContext context, ByteBuf in) {
    in.skipBytes(in.readableBytes());
    context.close();
  }
}
