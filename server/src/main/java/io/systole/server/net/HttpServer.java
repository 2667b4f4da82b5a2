// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.route.HeartbeatHandler;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Response;
import io.systole.server.route.Router;
import io.systole.server.time.Clock;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Event loops, the listening sockets, and the life of all connections together. */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /**
   * Connections that the kernel may hold before they are accepted; it takes its own bound if lower.
   */
  private static final int BACKLOG = 4096;

  /** How long the loops may take to end once no connection is left. */
  private static final long STOP_MS = 2_000;

  /** How often a stopping node looks whether connections are open. */
  private static final long LAME_DUCK_POLL_MS = 100;

  private final NetSettings settings;
  private final AcceptFailures acceptFailures;
  private final Counters counters;
  private final RequestDispatcher destinations;
  private final WorkerPool workers;
  private final Quotas budgets;
  private final AccessPolicy access;
  private final TransportKind kind;
  private final MultiThreadIoEventLoopGroup loops;
  private final Map<EventLoop, LoopContext> contexts = new HashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final CompletableFuture<Void> allEnded = new CompletableFuture<>();
  private final ChannelFutureListener onConnectionClosed = closed -> connectionEnded();
  private final List<ListeningSocket> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean isDraining;

  /**
   * @param renewServices makes what stands behind the renew door, once per loop
   * @param descriptorsMax the process's limit of open files
   * @throws IOException when the machine can't have this kind of transport
   */
  public HttpServer(
      NetSettings settings,
      HeartbeatMatcher renewMatcher,
      Supplier<HeartbeatHandler> renewServices,
      Router router,
      Counters counters,
      Clock clock,
      long descriptorsMax)
      throws IOException {
    this.settings = settings;
    this.acceptFailures = new AcceptFailures(counters, clock);
    this.counters = counters;
    this.kind = settings.transport().resolve();
    Throwable missing = kind.unavailability();
    if (missing != null) {
      throw new IOException("transport " + kind + " is not to be had here: " + missing, missing);
    }
    this.workers = new WorkerPool(settings.workers(), settings.workQueueMax());
    this.budgets =
        Quotas.of(settings, DescriptorReserve.cap(settings.connectionsMax(), descriptorsMax));
    this.access = new AccessPolicy(settings.allowedHosts());
    this.destinations = destinations(renewMatcher, router);
    int loopCount =
        settings.loops() == 0 ? Runtime.getRuntime().availableProcessors() : settings.loops();
    this.loops = new MultiThreadIoEventLoopGroup(
        loopCount, new DefaultThreadFactory("systole-loop"), kind.handlers());
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      contexts.put(
          loop,
          new LoopContext(loop, clock, renewServices.get(), settings.http().headBytesMax()));
    }
  }

  private RequestDispatcher destinations(HeartbeatMatcher renewMatcher, Router router) {
    return new RequestDispatcher(renewMatcher, router, workers, budgets, access, counters);
  }

  /**
   * Begins to serve.
   *
   * @return the address listened on
   * @throws IOException when the address can't be had
   */
  public InetSocketAddress start() throws IOException {
    contexts.values().forEach(LoopContext::start);
    return listen(new ListenAddress(settings.bind(), settings.port()), destinations, "");
  }

  /**
   * Serves other routes at another address, and no heartbeats; on the same loops, under the same
   * bounds. Called once, after {@link #start}.
   *
   * @return the address listened on
   * @throws IOException when the address can't be had; then nothing is listened on any more
   */
  public InetSocketAddress startManagement(ListenAddress address, Router router)
      throws IOException {
    try {
      return listen(
          address, destinations(HeartbeatMatcher.NONE, router), "the management address ");
    } catch (IOException failure) {
      stopListening();
      throw failure;
    }
  }

  private InetSocketAddress listen(ListenAddress address, RequestDispatcher served, String name)
      throws IOException {
    int writeBufferBytesMax = settings.writeBufferBytesMax();
    ServerBootstrap bootstrap = new ServerBootstrap()
        .group(loops)
        .channel(kind.serverChannel())
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(writeBufferBytesMax / 2, writeBufferBytesMax))
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(512, 2048, LoopContext.READ_BYTES_MAX))
        .childHandler(new Acceptor(served));
    ListeningSocket listener =
        ListeningSocket.bind(bootstrap, address, name, this::connectionAccepted);
    // Behind Netty's own handler, which stops accepting for a second after a failure.
    listener.channel().pipeline().addLast(acceptFailures);
    listeners.add(listener);
    return listener.address();
  }

  /** The kind of transport in use: never AUTO. */
  public TransportKind kind() {
    return kind;
  }

  /** How many event loops serve. */
  public int loopCount() {
    return contexts.size();
  }

  /**
   * How late the latest timer of the latest loop was within the last second, or is by now: a loop
   * that is blocked shows before it goes on.
   */
  public long loopLagNs() {
    return contexts.values().stream().mapToLong(LoopContext::lagNs).max().orElse(0);
  }

  /**
   * Has every response announce that its connection closes, and goes on serving, on new connections
   * too. After this time, or as soon as no connection is open and none comes, accepts the
   * connections that clients consider open already, and stops listening.
   */
  public void announceClose(long lameDuckMs) throws InterruptedException {
    onEachLoop(LoopContext::announceClose);
    awaitLameDuck(lameDuckMs);
    listeners.forEach(ListeningSocket::drain);
    for (ListeningSocket listener : listeners) {
      listener.awaitClosed();
    }
  }

  private void awaitLameDuck(long lameDuckMs) throws InterruptedException {
    long acceptedBefore = counters.connectionsAccepted();
    for (long waitedMs = 0; waitedMs < lameDuckMs; waitedMs += LAME_DUCK_POLL_MS) {
      long accepted = counters.connectionsAccepted();
      if (connections.get() == 0 && accepted == acceptedBefore) {
        return;
      }
      acceptedBefore = accepted;
      Thread.sleep(Math.min(LAME_DUCK_POLL_MS, lameDuckMs - waitedMs));
    }
  }

  private void onEachLoop(Consumer<LoopContext> action) {
    contexts.forEach((loop, context) -> loop.execute(() -> action.accept(context)));
  }

  /**
   * Stops listening, answers what was read, and ends every connection; those that take longer than
   * this are cut. If the close was announced, a connection without a request under way stays open
   * for a short time first, in case one is on the wire.
   *
   * @return whether all ended by themselves
   */
  public boolean drain(long timeoutMs) throws InterruptedException {
    stopListening();
    isDraining = true;
    if (loops.isShuttingDown()) {
      return true;
    }
    onEachLoop(LoopContext::endConnections);
    boolean ended = awaitNoConnections(timeoutMs);
    if (!ended) {
      LOG.warn("drain time-out, connections cut count={}", connections.get());
    }
    return ended;
  }

  private void stopListening() {
    List<ListeningSocket> open = List.copyOf(listeners);
    listeners.removeAll(open);
    open.forEach(ListeningSocket::close);
  }

  private boolean awaitNoConnections(long timeoutMs) throws InterruptedException {
    if (connections.get() == 0) {
      return true;
    }
    try {
      allEnded.get(timeoutMs, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Cuts what is left and ends the threads; a second call does nothing. */
  @Override
  public void close() {
    stopListening();
    workers.stop();
    loops.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS).syncUninterruptibly();
  }

  /** Counts a connection at once: its own loop may come to it after the listener is closed. */
  private void connectionAccepted(Channel channel) {
    connections.incrementAndGet();
    channel.closeFuture().addListener(onConnectionClosed);
  }

  private void connectionEnded() {
    if (connections.decrementAndGet() == 0 && isDraining) {
      allEnded.complete(null);
    }
  }

  /** Gives each accepted connection its handler, or turns it away. */
  private final class Acceptor extends ChannelInitializer<Channel> {
    private final RequestDispatcher served;

    Acceptor(RequestDispatcher served) {
      this.served = served;
    }

    @Override
    protected void initChannel(Channel channel) {
      LoopContext context = contexts.get(channel.eventLoop());
      if (context == null) {
        throw new IllegalStateException("a connection came on a loop that is not ours");
      }
      acceptFailures.accepted();
      SourceAddress source = SourceAddress.of(channel.remoteAddress());
      Limit exceeded = budgets.connections().reserve(source, 1);
      if (exceeded != null) {
        counters.exhausted(Resource.CONNECTIONS, exceeded);
        turnAway(channel, context);
        return;
      }
      channel
          .pipeline()
          .addLast(new HttpHandler(channel, source, context, served, settings, counters));
    }

    private void turnAway(Channel channel, LoopContext context) {
      counters.connectionClosed(Closed.OVER_LIMIT);
      byte[] refusal = context.preencoded.bare(Response.OVERLOADED.status(), ConnectionMode.CLOSE);
      channel
          .writeAndFlush(Unpooled.wrappedBuffer(refusal))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** What connections hold, for tests. */
  Quotas budgets() {
    return budgets;
  }

  /** The loops' contexts, for tests that turn the second hand themselves. */
  List<LoopContext> contexts() {
    return new ArrayList<>(contexts.values());
  }
}
