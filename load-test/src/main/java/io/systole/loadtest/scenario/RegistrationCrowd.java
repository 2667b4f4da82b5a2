// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.scenario;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.ssl.SslHandler;
import io.systole.client.api.TlsFiles;
import io.systole.client.net.TlsContext;
import io.systole.client.net.Transport;
import io.systole.loadtest.runner.Fleet;
import io.systole.loadtest.scenario.CrowdRequests.CrowdRequest;
import io.systole.loadtest.scenario.ScenarioAction.CrowdPlan;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Clients outside the fleet that register at the same time. Each has one request in flight and
 * waits as long as a 503 requests. At the end those registered cancel.
 */
final class RegistrationCrowd {
  /*
   * Confined to one event loop, except for begin() and finish(). A client is in one place at a time:
   *
   *   ready --connection free--> in flight --accepted--> registered
   *     ^                            |
   *     +------ waiting <--503, lost-+--another status--> rejected
   *
   * The end of the window moves all clients to ready again, to cancel; those in flight follow with
   * their response.
   */

  /** The wait of a stock client, which registers again with its next heartbeat. */
  private static final long STOCK_WAIT_MS = 30_000;

  /** The wait after a lost connection. */
  private static final long RECONNECT_MS = 1_000;

  /** Covers the handshakes of a whole crowd on one event loop. */
  private static final long HANDSHAKE_MS_MAX = 60_000;

  private static final long END_MS_MAX = 60_000;
  private static final int PORT_MAX = 65_535;
  private static final int UNAVAILABLE = 503;
  private static final int NOT_FOUND = 404;

  /** A connection that carries one request at a time. */
  private final class CrowdConnection extends SimpleChannelInboundHandler<ByteBuf> {
    private static final int NONE = -1;

    private final CrowdResponseParser parser = new CrowdResponseParser();
    private @Nullable Channel channel;
    private CrowdRequest request = CrowdRequest.REGISTER;
    private int client = NONE;
    private boolean hasEnded;

    /** Sends a client's next request, at once or when the connection is open. */
    void send(int next) {
      client = next;
      request = isCancelling ? CrowdRequest.CANCEL : CrowdRequest.REGISTER;
      isInFlight.set(next);
      if (channel != null) {
        write(channel);
      }
    }

    private void write(Channel open) {
      open.writeAndFlush(Unpooled.wrappedBuffer(requests.of(request, client)), open.voidPromise());
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      channel = context.channel();
      write(channel);
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, ByteBuf received)
        throws IOException {
      while (received.isReadable()) {
        ByteBuffer into = parser.buffer();
        int count = Math.min(into.remaining(), received.readableBytes());
        into.put(received.nioBuffer(received.readerIndex(), count));
        received.skipBytes(count);
        if (client != NONE && parser.parse()) {
          answered(context);
        }
      }
    }

    private void answered(ChannelHandlerContext context) {
      int answered = client;
      client = NONE;
      isInFlight.clear(answered);
      if (parser.mustClose()) {
        context.close(context.voidPromise());
      } else {
        idle.add(this);
      }
      responded(answered, request, parser);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      lastLoss = String.valueOf(cause.getMessage());
      context.close(context.voidPromise());
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      end();
    }

    /** Handles the end of the connection, or a failure to open it; its client waits. */
    void end() {
      if (hasEnded) {
        return;
      }
      hasEnded = true;
      openCount--;
      int lost = client;
      client = NONE;
      if (lost != NONE) {
        lostCount++;
        isInFlight.clear(lost);
        retryLater(lost, RECONNECT_MS);
      }
      feed();
    }
  }

  private final ScenarioContext context;
  private final CrowdPlan plan;
  private final CrowdRequests requests;
  private final String host;
  private final InetSocketAddress target;
  private final @Nullable TlsContext tls;
  private final EventLoopGroup group = Transport.AUTO.startLoops(1, "crowd");
  private final EventLoop loop = group.next();
  private final CountDownLatch ended = new CountDownLatch(1);
  private final ArrayDeque<CrowdConnection> idle = new ArrayDeque<>();
  private final ArrayDeque<Integer> ready = new ArrayDeque<>();
  private final BitSet isInFlight = new BitSet();
  private boolean isCancelling;
  private boolean isClosed;
  private long startNs;
  private int openCount;
  private int openedCount;
  private int doneCount;
  private int refusedCount;
  private int withoutRetryAfterCount;
  private int rejectedCount;
  private int lostCount;
  private String lastLoss = "";

  RegistrationCrowd(ScenarioContext context, CrowdPlan plan) {
    this.context = context;
    this.plan = plan;
    this.requests = new CrowdRequests(
        context.target(), new Fleet(1, Math.toIntExact(STOCK_WAIT_MS), 90).source(0));
    this.target = MisbehavingConnections.addressOf(context.target());
    this.host = target.getHostString();
    this.tls =
        MisbehavingConnections.isTls(context.target()) ? new TlsContext(TlsFiles.NONE) : null;
  }

  /** Starts the clients; the end of the window ends them. */
  void begin() {
    context.onEnd(this::finish);
    loop.execute(() -> {
      startNs = System.nanoTime();
      for (int client = 0; client < plan.clients(); client++) {
        ready.add(client);
      }
      feed();
    });
  }

  private void finish() {
    loop.execute(() -> {
      publish();
      cancel();
    });
    try {
      if (!ended.await(END_MS_MAX, TimeUnit.MILLISECONDS)) {
        context.recordEvent("crowd: not all cancels were confirmed");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends the requests of clients that are ready, over connections that are or become free. */
  private void feed() {
    while (!isClosed && !ready.isEmpty()) {
      CrowdConnection free = idle.poll();
      if (free == null && openCount == plan.connections()) {
        return;
      }
      if (free == null) {
        open(ready.remove());
      } else if (!free.hasEnded) {
        free.send(ready.remove());
      }
    }
  }

  private void open(int client) {
    CrowdConnection connection = new CrowdConnection();
    openCount++;
    openedCount++;
    connection.send(client);
    new Bootstrap()
        .group(loop)
        .channel(Transport.AUTO.channelType())
        .option(ChannelOption.TCP_NODELAY, true)
        .handler(new ChannelInitializer<Channel>() {
          @Override
          protected void initChannel(Channel channel) {
            if (tls != null) {
              channel.pipeline().addLast(tlsHandler(tls, channel));
            }
            channel.pipeline().addLast(connection);
          }
        })
        .connect(target)
        .addListener(opened -> {
          if (!opened.isSuccess()) {
            lastLoss = String.valueOf(opened.cause().getMessage());
            connection.end();
          }
        });
  }

  /**
   * Returns a TLS handler that verifies the host. Each connection is that of another client, and
   * the JDK resumes sessions by port, so each gets a different one for its session.
   */
  private SslHandler tlsHandler(TlsContext context, Channel channel) {
    SslHandler handler =
        context.current().newHandler(channel.alloc(), host, PORT_MAX + openedCount);
    handler.setHandshakeTimeoutMillis(HANDSHAKE_MS_MAX);
    return handler;
  }

  /** Makes a client ready after a time, unless the window ends meanwhile. */
  private void retryLater(int client, long waitMs) {
    boolean wasCancelling = isCancelling;
    var unused = loop.schedule(
        () -> {
          if (isCancelling == wasCancelling) {
            ready.add(client);
            feed();
          }
        },
        waitMs,
        TimeUnit.MILLISECONDS);
  }

  private boolean isDone() {
    return doneCount + rejectedCount == plan.clients();
  }

  private void responded(int client, CrowdRequest request, CrowdResponseParser response) {
    int status = response.status();
    if (isCancelling && request == CrowdRequest.REGISTER) {
      ready.add(client);
    } else if (status == UNAVAILABLE) {
      refused(client, response.retryAfterSecs());
    } else if (status / 100 == 2 || (isCancelling && status == NOT_FOUND)) {
      doneCount++;
      if (!isCancelling && doneCount == plan.clients()) {
        long tookNs = System.nanoTime() - startNs;
        context.metrics().put("crowd.complete", TimeUnit.NANOSECONDS.toMicros(tookNs) / 1e3);
        context.recordEvent("crowd: all registered");
      }
    } else {
      rejectedCount++;
    }
    if (isCancelling && isDone()) {
      close();
    }
    feed();
  }

  private void refused(int client, int secs) {
    refusedCount++;
    withoutRetryAfterCount += secs == 0 ? 1 : 0;
    retryLater(client, secs == 0 ? STOCK_WAIT_MS : TimeUnit.SECONDS.toMillis(secs));
  }

  private void publish() {
    context.metrics().put("crowd.registered", doneCount);
    context.metrics().put("crowd.refused", refusedCount);
    context.metrics().put("crowd.without-retry-after", withoutRetryAfterCount);
    context.metrics().put("crowd.failed", (long) lostCount + rejectedCount);
    context.recordEvent("crowd: " + doneCount + " of " + plan.clients() + " registered, "
        + refusedCount + " times 503 (" + withoutRetryAfterCount + " without Retry-After), "
        + lostCount + " connections lost" + (lastLoss.isEmpty() ? "" : " (" + lastLoss + ")") + ", "
        + rejectedCount + " rejected");
  }

  /** Cancels the registrations, over the same connections. */
  private void cancel() {
    isCancelling = true;
    doneCount = 0;
    rejectedCount = 0;
    ready.clear();
    for (int client = 0; client < plan.clients(); client++) {
      if (!isInFlight.get(client)) {
        ready.add(client);
      }
    }
    var unused = loop.schedule(this::close, END_MS_MAX / 2, TimeUnit.MILLISECONDS);
    feed();
  }

  private void close() {
    isClosed = true;
    if (tls != null) {
      tls.close();
    }
    // Closes the connections too.
    var unused = group.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    ended.countDown();
  }
}
