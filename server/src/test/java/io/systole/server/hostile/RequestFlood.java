// SPDX-License-Identifier: Apache-2.0
package io.systole.server.hostile;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Complete requests on a fixed number of persistent connections, one in flight on each. */
final class RequestFlood implements Attack {
  /** The required statuses that allow every status but 500. */
  static final Set<Integer> ANY = Set.of();

  private static final int CONNECTS_PER_TICK = 5;
  private static final long HANG_NS = TimeUnit.SECONDS.toNanos(30);

  private final Attackers attackers;
  private final AttackStats stats;
  private final int connections;
  private final double perNs;
  private final Supplier<byte[]> requests;
  private final Set<Integer> required;

  private final ArrayDeque<Link> idle = new ArrayDeque<>();
  private final List<Link> open = new ArrayList<>();
  private int connecting;
  private double credit;
  private long lastNs = System.nanoTime();

  /** @param required the only statuses that are no violations, or {@link #ANY} */
  RequestFlood(
      Attackers attackers,
      String name,
      int connections,
      int perSecond,
      Set<Integer> required,
      Supplier<byte[]> requests) {
    this.attackers = attackers;
    this.stats = new AttackStats(name);
    this.connections = connections;
    this.perNs = perSecond / 1e9;
    this.required = required;
    this.requests = requests;
  }

  @Override
  public AttackStats stats() {
    return stats;
  }

  @Override
  public void tick(long nowNs) {
    // Requests overdue by more than a second are dropped, to avoid a burst after a pause.
    credit = Math.min(credit + perNs * (nowNs - lastNs), Math.max(1, perNs * 1e9));
    lastNs = nowNs;
    for (int i = 0; i < CONNECTS_PER_TICK && open.size() + connecting < connections; i++) {
      connect();
    }
    while (credit >= 1 && !idle.isEmpty()) {
      idle.remove().send(requests.get(), nowNs);
      credit--;
    }
    List.copyOf(open).forEach(link -> link.closeIfHung(nowNs));
  }

  private void connect() {
    connecting++;
    attackers
        .connect(Attackers.Reading.EAGER, () -> List.of(new HttpResponseDecoder(), new Link()))
        .addListener(connected -> {
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
  private final class Link extends SimpleChannelInboundHandler<HttpObject> {
    private static final long NOTHING_SENT = 0;

    private @Nullable Channel channel;
    private long sentNs = NOTHING_SENT;
    private boolean isAbandoned;

    @Override
    public void channelActive(ChannelHandlerContext ctx) {
      channel = ctx.channel();
      open.add(this);
      idle.add(this);
    }

    void send(byte[] request, long nowNs) {
      sentNs = nowNs;
      if (channel != null) {
        channel.writeAndFlush(Unpooled.wrappedBuffer(attackers.access().authorize(request)));
      }
    }

    void closeIfHung(long nowNs) {
      if (sentNs != NOTHING_SENT && nowNs - sentNs > HANG_NS) {
        if (required.isEmpty()) {
          stats.count("no response in 30 s");
        } else {
          stats.violation("no response in 30 s");
        }
        abandon();
      }
    }

    void abandon() {
      isAbandoned = true;
      if (channel != null) {
        channel.close();
      }
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, HttpObject part) {
      if (part instanceof HttpResponse response) {
        responded(response.status().code());
      }
      if (part instanceof LastHttpContent && sentNs != NOTHING_SENT) {
        stats.responseTook(System.nanoTime() - sentNs);
        sentNs = NOTHING_SENT;
        idle.add(this);
      }
    }

    private void responded(int status) {
      if (status == 100) {
        return;
      }
      stats.count(Integer.toString(status));
      boolean isAllowed = required.isEmpty()
          ? status != 500
          : required.contains(status) || (status == 503 && attackers.target().isStopping());
      if (!isAllowed) {
        stats.violation(status + (required.isEmpty() ? "" : " where " + required + " is due"));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
      open.remove(this);
      idle.remove(this);
      if (sentNs != NOTHING_SENT && !isAbandoned && attackers.target().isUp()) {
        stats.count("closed without response");
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      ctx.close();
    }
  }
}
