// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Connections that send some bytes and are soon closed or reset. */
final class ShortConnections implements Attack {
  /** The first bytes of a TLS record with an alert or a part of a handshake. */
  private static final Pattern TLS = Pattern.compile("[\\x15\\x16]\\x03(?s).*");

  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([1-5]\\d\\d) (?s).*");

  /** The maximum number of open connections, in case the node accepts none. */
  private static final int OPEN_MAX = 500;

  private final Attackers attackers;
  private final AttackStats stats;
  private final double perNs;
  private final int lifeMsMax;
  private final Random random;
  private final Supplier<byte[]> openings;
  private int open;
  private double credit;
  private long lastNs = System.nanoTime();

  /** @param lifeMsMax maximum lifetime; each connection's is random, possibly 0 */
  ShortConnections(
      Attackers attackers,
      String name,
      int perSecond,
      int lifeMsMax,
      Random random,
      Supplier<byte[]> openings) {
    this.attackers = attackers;
    this.stats = new AttackStats(name);
    this.perNs = perSecond / 1e9;
    this.lifeMsMax = lifeMsMax;
    this.random = random;
    this.openings = openings;
  }

  @Override
  public AttackStats stats() {
    return stats;
  }

  @Override
  public void tick(long nowNs) {
    credit = Math.min(credit + perNs * (nowNs - lastNs), perNs * 1e8 + 1);
    lastNs = nowNs;
    while (credit >= 1 && open < OPEN_MAX) {
      open++;
      credit--;
      attackers
          .connect(Attackers.Reading.EAGER, () -> List.of(new Link()))
          .addListener(connected -> {
            if (!connected.isSuccess()) {
              open--;
              stats.count("not connected");
            }
          });
    }
  }

  /** Does nothing: the connections close by themselves. */
  @Override
  public void pause() {}

  /** Returns the status of a response, or a description of other input. */
  static String statusIn(String response) {
    Matcher matcher = STATUS.matcher(response);
    if (matcher.matches()) {
      return matcher.group(1);
    }
    return TLS.matcher(response).matches() ? "TLS" : "not HTTP";
  }

  /** One connection. */
  private final class Link extends ChannelInboundHandlerAdapter {
    private boolean hasResponse;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      stats.count("opened");
      byte[] opening = openings.get();
      if (opening.length > 0) {
        ctx.writeAndFlush(Unpooled.wrappedBuffer(attackers.access().authorize(opening)));
      }
      if (random.nextBoolean()) {
        ctx.channel().config().setOption(ChannelOption.SO_LINGER, 0);
      }
      int lifeMs = random.nextInt(lifeMsMax + 1);
      ctx.executor().schedule(() -> ctx.close(), lifeMs, TimeUnit.MILLISECONDS);
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
      if (message instanceof ByteBuf bytes && !hasResponse) {
        hasResponse = true;
        String status = statusIn(bytes.toString(StandardCharsets.ISO_8859_1));
        stats.count(status);
        if (status.equals("500") || status.equals("not HTTP")) {
          stats.violation(status);
        }
      }
      ReferenceCountUtil.release(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      open--;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
