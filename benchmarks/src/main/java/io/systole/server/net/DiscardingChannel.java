// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/** An embedded channel that discards its writes and keeps only the first bytes of the last one. */
final class DiscardingChannel extends EmbeddedChannel {
  private static final String OK = "HTTP/1.1 200 ";

  private final ByteBuf lastWritePrefix = Unpooled.buffer(OK.length());
  private long bytesWritten;

  /** Fires one read through the pipeline and returns the number of bytes written so far. */
  long receive(ByteBuf read) {
    pipeline().fireChannelRead(read);
    pipeline().fireChannelReadComplete();
    return bytesWritten;
  }

  @Override
  protected void handleOutboundMessage(Object message) {
    ByteBuf bytes = (ByteBuf) message;
    bytesWritten += bytes.readableBytes();
    lastWritePrefix.clear().writeBytes(bytes, Math.min(OK.length(), bytes.readableBytes()));
    bytes.release();
  }

  /**
   * Requires the last write to begin with a 200 status line.
   *
   * @throws IllegalStateException if nothing or another status was written
   */
  void requireOk() {
    String prefix = lastWritePrefix.toString(US_ASCII);
    if (!prefix.equals(OK)) {
      throw new IllegalStateException(
          "expected a response starting with \"" + OK + "\", got " + prefix);
    }
  }
}
