// SPDX-License-Identifier: Apache-2.0
package io.systole.client.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.EventLoop;
import io.netty.channel.embedded.EmbeddedChannel;
import io.systole.protocol.time.Clock;
import java.util.List;
import java.util.SplittableRandom;

/** An embedded connection of the client that discards its writes. */
public final class EmbeddedClientConnection extends EmbeddedChannel {
  private static final long SEED = 42;

  /** Health settings without failover. */
  private static final HealthSettings NO_FAILOVER = new HealthSettings(1, 1, 1, 1, 0, 0);

  private long bytesWritten;

  /** Returns the event loop, which runs only when requested. */
  public EventLoop loop() {
    return eventLoop();
  }

  /** Opens and returns the connection and notifies its listener. */
  public Connection open(
      ServerAddress server,
      ConnectionSettings settings,
      Clock clock,
      Connection.Listener responses) {
    var random = new SplittableRandom(SEED);
    var network = new Network(
        Transport.NIO,
        null,
        new NameResolver(HostLookup.SYSTEM),
        new LocalAddresses(List.of()),
        true);
    var context = ConnectionContext.of(loop(), network, settings, clock, random);
    var zone = new Zone("default", List.of(server));
    var health = new ServerHealth(server, zone, 0, NO_FAILOVER, random);
    var connector = new FailoverConnector(
        loop(), network, List.of(zone), settings, NO_FAILOVER, 1, clock, responses, SEED);
    Connection connection = new Connection(
        new ConnectionSlot(context, responses, health, connector, ConnectionSlot.SlotState.SERVING),
        context,
        responses);
    pipeline().addLast(connection);
    pipeline().fireChannelActive();
    return connection;
  }

  /** Fires one read through the pipeline and returns the number of bytes written so far. */
  public long receive(ByteBuf read) {
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
