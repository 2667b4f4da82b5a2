// SPDX-License-Identifier: Apache-2.0
package io.systole.server.tls;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.concurrent.Executor;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;

/** The TLS handler of an engine of the JDK, which admits any number of records of any kind. */
final class RecordLimitedSslHandler extends SslHandler {
  private final TlsListener listener;
  private boolean isClosed;

  RecordLimitedSslHandler(SSLEngine engine, Executor tasks, TlsListener listener) {
    super(engine, false, tasks);
    this.listener = listener;
  }

  /** Decodes one record, if it is complete. */
  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out)
      throws SSLException {
    if (isClosed) {
      in.skipBytes(in.readableBytes());
      return;
    }
    int before = in.readableBytes();
    super.decode(ctx, in, out);
    if (in.readableBytes() < before && !listener.admitsRecord()) {
      isClosed = true;
      // Without a close_notify, for which a client that reads nothing would delay the close.
      ctx.close();
    }
  }
}
