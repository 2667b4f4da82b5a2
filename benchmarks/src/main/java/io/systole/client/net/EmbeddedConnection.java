// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.systole.client.time.Clock;
import java.util.SplittableRandom;

/** A connection of the client whose socket takes everything at once and keeps nothing of it. */
public final class EmbeddedConnection extends EmbeddedChannel {
  private static final long SEED = 42;

  private long bytesWritten;

  /** Returns an event loop that runs when it is told to. */
  public EventLoop loop() {
    return eventLoop();
  }

  /** Returns a connection that is open, and has told so. */
  public Connection open(
      ServerAddress server, LineSettings settings, Clock clock, Answers answers) {
    byte[] scratch = Line.scratch(settings);
    var uplink = new Uplink(loop(), Transport.NIO, server, settings, 1, clock, answers, SEED);
    var line = new Line(
        loop(),
        Transport.NIO,
        server.unresolved(),
        settings,
        clock,
        answers,
        uplink,
        scratch,
        new SplittableRandom(SEED));
    Connection connection = new Connection(line, answers, clock, settings, scratch);
    pipeline().addLast(connection);
    pipeline().fireChannelActive();
    return connection;
  }

  /** Hands over one read; returns how many bytes were written so far. */
  public long take(ByteBuf read) {
    pipeline().fireChannelRead(read);
    pipeline().fireChannelReadComplete();
    return bytesWritten;
  }

  @Override
  protected void handleOutboundMessage(Object message) {
    ByteBuf bytes = (ByteBuf) message;
    bytesWritten += bytes.readableBytes();
    bytes.release();
  }
}
