// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;

/**
 * A channel whose socket takes everything at once and keeps only the beginning of the last write.
 */
final class DiscardingChannel extends EmbeddedChannel {
  private static final String OK = "HTTP/1.1 200 ";

  private final ByteBuf lastBeginning = Unpooled.buffer(OK.length());
  private long bytesWritten;

  /** Hands over one read; returns how many bytes were written so far. */
  long take(ByteBuf read) {
    pipeline().fireChannelRead(read);
    pipeline().fireChannelReadComplete();
    return bytesWritten;
  }

  @Override
  protected void handleOutboundMessage(Object message) {
    ByteBuf bytes = (ByteBuf) message;
    bytesWritten += bytes.readableBytes();
    lastBeginning.clear().writeBytes(bytes, Math.min(OK.length(), bytes.readableBytes()));
    bytes.release();
  }

  /** Throws if nothing was written, or something else than a 200 was written last. */
  void requireOk() {
    String beginning = lastBeginning.toString(US_ASCII);
    if (!beginning.equals(OK)) {
      throw new IllegalStateException("expected an answer of \"" + OK + "…\", got " + beginning);
    }
  }
}
