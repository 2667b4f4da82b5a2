// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.systole.client.time.Clock;
import java.util.List;
import java.util.SplittableRandom;

/** A connection of the client whose socket takes everything at once and keeps nothing of it. */
public final class EmbeddedConnection extends EmbeddedChannel {
  private static final long SEED = 42;

  /** There is no other server to go to, nor a time at which to try. */
  private static final HealthSettings NEVER_AWAY = new HealthSettings(1, 1, 1, 1, 0, 0);

  private long bytesWritten;

  /** Returns an event loop that runs when it is told to. */
  public EventLoop loop() {
    return eventLoop();
  }

  /** Returns a connection that is open, and has told so. */
  public Connection open(
      ServerAddress server,
      ConnectionSettings settings,
      Clock clock,
      ConnectionListener responses) {
    var random = new SplittableRandom(SEED);
    var network = new Network(Transport.NIO, null, new NameResolver(HostLookup.SYSTEM));
    var parts = ConnectionContext.of(loop(), network, settings, clock, responses, random);
    var zone = new Zone("default", List.of(server));
    var health = new ServerHealth(server, zone, 0, NEVER_AWAY, random);
    var connector = new FailoverConnector(
        loop(), network, List.of(zone), settings, NEVER_AWAY, 1, clock, responses, SEED);
    Connection connection = new Connection(
        new ConnectionSlot(parts, health, connector, ConnectionSlot.SlotState.SERVING), parts);
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
