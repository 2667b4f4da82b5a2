// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Connections that send the start of a request and continue slowly or not at all. */
final class SlowConnections implements Attack {
  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

  /** The interval at which a slow reader reconnects, as it can't notice that it was closed. */
  private static final int LIFE_SECONDS = 45;

  /** The action of each connection, once a second. */
  enum Turn {
    NOTHING,
    READ_ONE_BYTE,
    SEND_MORE
  }

  /**
   * The parameters of the connections.
   *
   * @param opening bytes sent at once
   * @param more bytes sent at each turn by {@link Turn#SEND_MORE}
   */
  @SuppressWarnings("ArrayRecordComponent") // Never compared.
  record Plan(
      String name, int connections, int opensPerSecond, Turn turn, byte[] opening, byte[] more) {}

  private final Attackers attackers;
  private final Plan plan;
  private final AttackStats stats;
  private final List<Link> open = new ArrayList<>();
  private int connecting;
  private double credit;
  private long lastNs = System.nanoTime();
  private long intervalStartNs = System.nanoTime();

  SlowConnections(Attackers attackers, Plan plan) {
    this.attackers = attackers;
    this.plan = plan;
    this.stats = new AttackStats(plan.name());
  }

  @Override
  public AttackStats stats() {
    return stats;
  }

  @Override
  public void tick(long nowNs) {
    double perNs = plan.opensPerSecond() / 1e9;
    credit = Math.min(credit + perNs * (nowNs - lastNs), plan.opensPerSecond() / 10 + 1);
    lastNs = nowNs;
    while (credit >= 1 && open.size() + connecting < plan.connections()) {
      connect();
      credit--;
    }
    if (nowNs - intervalStartNs >= INTERVAL_NS) {
      intervalStartNs = nowNs;
      List.copyOf(open).forEach(Link::turn);
    }
  }

  private void connect() {
    connecting++;
    Attackers.Reading reading = plan.turn() == Turn.READ_ONE_BYTE
        ? Attackers.Reading.BYTE_BY_BYTE
        : Attackers.Reading.EAGER;
    attackers.connect(reading, () -> List.of(new Link())).addListener(connected -> {
      connecting--;
      if (!connected.isSuccess() && attackers.target().isUp()) {
        stats.count("not connected");
      }
    });
  }

  @Override
  public void pause() {
    List.copyOf(open).forEach(Link::abandon);
  }

  /** One connection. */
  private final class Link extends ChannelInboundHandlerAdapter {
    private @Nullable Channel channel;
    private int turns;
    private boolean isAbandoned;
    private boolean hasResponse;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx.channel();
      open.add(this);
      stats.count("opened");
      ctx.writeAndFlush(Unpooled.wrappedBuffer(attackers.access().authorize(plan.opening())));
    }

    void turn() {
      Channel current = channel;
      if (current == null) {
        return;
      }
      switch (plan.turn()) {
        case NOTHING -> {}
        case READ_ONE_BYTE -> {
          if (++turns > LIFE_SECONDS) {
            abandon();
          } else {
            current.read();
          }
        }
        case SEND_MORE -> {
          if (current.isWritable()) {
            current.writeAndFlush(Unpooled.wrappedBuffer(plan.more()));
          }
        }
      }
    }

    void abandon() {
      isAbandoned = true;
      if (channel != null) {
        channel.close();
      }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf bytes && !hasResponse && plan.turn() != Turn.READ_ONE_BYTE) {
        hasResponse = true;
        stats.count(ShortConnections.statusIn(bytes.toString(StandardCharsets.ISO_8859_1)));
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      open.remove(this);
      if (!isAbandoned && attackers.target().isUp()) {
        stats.count("closed by the node");
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
