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
import io.systole.client.net.Transport;
import io.systole.protocol.time.Clock;
import io.systole.server.auth.Authenticator;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Closed;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.metrics.DurationHistogram;
import io.systole.server.metrics.RequestKind;
import io.systole.server.net.PreencodedResponses.ConnectionMode;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.HeartbeatMatcher.HeartbeatHandler;
import io.systole.server.route.Response;
import io.systole.server.route.Router;
import io.systole.server.route.SourceAddress;
import io.systole.server.tls.ServerTls;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The HTTP server: event loops, listening sockets, and the start and drain of connections. */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /** Connections that the kernel queues for accept, capped by its own limit. */
  private static final int BACKLOG = 4096;

  /** The reads of one connection before the loop turns to the next. */
  private static final int READS_MAX = 16;

  /** A read of TLS may have thousands of records, each of which costs as much as a request. */
  private static final int TLS_READS_MAX = 1;

  /** The time that the loops may take to terminate once no connection is left. */
  private static final long STOP_MS = 2_000;

  /**
   * Who may connect, and how.
   *
   * @param tls of the main address; null for plain text
   * @param managementTls of the management address; null for plain text
   * @param authenticator null if no credentials are required
   */
  public record Security(
      @Nullable ServerTls tls,
      @Nullable ServerTls managementTls,
      @Nullable Authenticator authenticator) {
    /** Plain text for anyone. */
    public static final Security NONE = new Security(null, null, null);
  }

  private final long descriptorsMax;

  /** Changed by {@link #reload}; each connection has those of its start. */
  private volatile NetSettings settings;

  private final AcceptFailures acceptFailures;
  private final Counters counters;
  private final RequestDispatcher mainDispatcher;
  private final WorkerPool workers;
  private final Quotas quotas;
  private final Quotas managementQuotas;

  /** Changed by {@link #reload}. */
  private volatile AccessPolicy access;

  private final Security security;
  private final Transport transport;
  private final MultiThreadIoEventLoopGroup loops;
  private final Map<EventLoop, LoopContext> contexts = new HashMap<>();
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicLong connectionsClosed = new AtomicLong();
  private final CompletableFuture<Void> allClosed = new CompletableFuture<>();
  private final ChannelFutureListener onConnectionClosed = closed -> connectionClosed();
  private final List<ListeningSocket> listeners = new CopyOnWriteArrayList<>();
  private volatile boolean isDraining;

  /**
   * @param heartbeatHandlers creates the heartbeat handler of a loop
   * @param descriptorsMax the process's limit of open files
   * @param security closed by its owner, after the server
   * @throws IOException if the configured transport is not available on this machine
   */
  public HttpServer(
      NetSettings settings,
      HeartbeatMatcher heartbeatMatcher,
      Function<EventLoop, HeartbeatHandler> heartbeatHandlers,
      Router router,
      Counters counters,
      Clock clock,
      long descriptorsMax,
      Security security)
      throws IOException {
    this.settings = settings;
    this.descriptorsMax = descriptorsMax;
    this.security = security;
    this.acceptFailures = new AcceptFailures(counters, clock);
    this.counters = counters;
    this.transport = settings.transport().resolve();
    requireAvailable(transport);
    this.workers = new WorkerPool(settings.workers(), settings.workQueueMax());
    DescriptorReserve.warnIfCapped(settings.connectionsMax(), descriptorsMax);
    this.quotas =
        Quotas.of(settings, DescriptorReserve.cap(settings.connectionsMax(), descriptorsMax));
    this.managementQuotas = quotas.forManagement();
    this.access = accessPolicy(settings);
    this.mainDispatcher = newDispatcher(heartbeatMatcher, router, quotas);
    int loopCount =
        settings.loops() == 0 ? Runtime.getRuntime().availableProcessors() : settings.loops();
    this.loops = new MultiThreadIoEventLoopGroup(
        loopCount, new DefaultThreadFactory("systole-loop"), transport.ioHandlerFactory());
    for (EventExecutor executor : loops) {
      EventLoop loop = (EventLoop) executor;
      contexts.put(
          loop,
          new LoopContext(
              loop,
              clock,
              heartbeatHandlers.apply(loop),
              workers::queued,
              () -> this.settings.credentialRateMax()));
    }
  }

  /**
   * Checks that a transport is available on this machine.
   *
   * @throws IOException if it is not
   */
  public static void requireAvailable(Transport transport) throws IOException {
    Throwable missing = transport.unavailabilityCause();
    if (missing != null) {
      throw new IOException("transport " + transport + " is not available: " + missing, missing);
    }
  }

  /**
   * Replaces the quotas and allowed peers, and the timeouts, limits and allowed hosts of new
   * connections. Addresses, transport, threads and write buffers remain.
   */
  public void reload(NetSettings next) {
    if (next.connectionsMax() != settings.connectionsMax()) {
      DescriptorReserve.warnIfCapped(next.connectionsMax(), descriptorsMax);
    }
    Quotas limits = Quotas.of(next, DescriptorReserve.cap(next.connectionsMax(), descriptorsMax));
    quotas.limit(limits);
    managementQuotas.limit(limits.forManagement());
    settings = next;
    access = accessPolicy(next);
  }

  private static AccessPolicy accessPolicy(NetSettings settings) {
    return new AccessPolicy(settings.allowedHosts(), settings.allowedPeers());
  }

  private RequestDispatcher newDispatcher(
      HeartbeatMatcher heartbeatMatcher, Router router, Quotas dispatched) {
    return new RequestDispatcher(
        heartbeatMatcher,
        router,
        workers,
        dispatched,
        () -> access,
        counters,
        security.authenticator());
  }

  /**
   * Starts serving.
   *
   * @return the bound address
   * @throws IOException if the address can't be bound
   */
  public InetSocketAddress start() throws IOException {
    contexts.values().forEach(LoopContext::start);
    return listen(
        new ListenAddress(settings.bind(), settings.port()), mainDispatcher, security.tls(), "");
  }

  /**
   * Serves other routes at another address, without heartbeats, on the same loops and within the
   * same quotas but for those of connections. Called once, after {@link #start}.
   *
   * @return the bound address
   * @throws IOException if the address can't be bound; then all listening sockets are closed
   */
  public InetSocketAddress startManagement(ListenAddress address, Router router)
      throws IOException {
    try {
      return listen(
          address,
          newDispatcher(HeartbeatMatcher.NONE, router, managementQuotas),
          security.managementTls(),
          "the management address ");
    } catch (IOException failure) {
      stopListening();
      throw failure;
    }
  }

  private InetSocketAddress listen(
      ListenAddress address, RequestDispatcher served, @Nullable ServerTls tls, String name)
      throws IOException {
    int writeBufferBytesMax = settings.writeBufferBytesMax();
    ServerBootstrap bootstrap = new ServerBootstrap()
        .group(loops)
        .channel(ListeningSocket.channelType(transport))
        .option(ChannelOption.SO_BACKLOG, BACKLOG)
        .option(ChannelOption.SO_REUSEADDR, true)
        .childOption(ChannelOption.TCP_NODELAY, true)
        .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
        .childOption(
            ChannelOption.WRITE_BUFFER_WATER_MARK,
            new WriteBufferWaterMark(writeBufferBytesMax / 2, writeBufferBytesMax))
        .childOption(
            ChannelOption.RECVBUF_ALLOCATOR,
            new AdaptiveRecvByteBufAllocator(512, 2048, LoopContext.READ_BYTES_MAX)
                .maxMessagesPerRead(tls == null ? READS_MAX : TLS_READS_MAX))
        .childHandler(new Acceptor(served, tls));
    ListeningSocket listener =
        ListeningSocket.bind(bootstrap, address, name, this::connectionAccepted);
    // After Netty's own handler, which stops accepting for a second after a failure.
    listener.channel().pipeline().addLast(acceptFailures);
    listeners.add(listener);
    return listener.address();
  }

  /** Returns the transport in use, never AUTO. */
  public Transport transport() {
    return transport;
  }

  /** Returns the number of connections that have closed. */
  public long connectionsClosed() {
    return connectionsClosed.get();
  }

  /** Returns the event loops, in turn, for tasks of the node. */
  public EventLoop nextLoop() {
    return loops.next();
  }

  /** Returns the number of event loops. */
  public int loopCount() {
    return contexts.size();
  }

  /**
   * Returns the greatest timer delay of any loop within the last second, including that of a loop
   * that is blocked now.
   */
  public long loopLagNs() {
    return contexts.values().stream().mapToLong(LoopContext::lagNs).max().orElse(0);
  }

  /** Returns the latencies of a kind of requests, one histogram for each event loop. */
  public List<DurationHistogram> latencies(RequestKind kind) {
    return contexts.values().stream()
        .map(context -> context.latencies.histogram(kind))
        .toList();
  }

  /**
   * Gives every event loop a task; returns a future that completes when all have run it.
   *
   * @throws RejectedExecutionException if the server is closed
   */
  public CompletableFuture<Void> probeLoops() {
    return CompletableFuture.allOf(contexts.keySet().stream()
        .map(loop -> CompletableFuture.runAsync(() -> {}, loop))
        .toArray(CompletableFuture[]::new));
  }

  /**
   * Enters the lame-duck period, in which every response announces that its connection closes while
   * requests and new connections are still served. After the period accepts the connections whose
   * handshake is complete and stops listening.
   *
   * <p>A server without connections waits too: a load balancer that probes on new connections has
   * to receive its next responses from this server.
   */
  public void announceClose(long lameDuckMs) throws InterruptedException {
    onEachLoop(LoopContext::announceClose);
    Thread.sleep(lameDuckMs);
    listeners.forEach(ListeningSocket::drain);
    for (ListeningSocket listener : listeners) {
      listener.awaitClosed();
    }
  }

  private void onEachLoop(Consumer<LoopContext> action) {
    contexts.forEach((loop, context) -> loop.execute(() -> action.accept(context)));
  }

  /**
   * Stops listening, responds to the requests already read, and closes every connection; those
   * still open after the timeout are cut. If the close was announced, a connection without a
   * request in progress first stays open for a quiet period, as a request may be on the wire.
   *
   * @return whether all connections closed within the timeout
   */
  public boolean drain(long timeoutMs) throws InterruptedException {
    stopListening();
    isDraining = true;
    if (loops.isShuttingDown()) {
      return true;
    }
    onEachLoop(LoopContext::drain);
    boolean ended = awaitNoConnections(timeoutMs);
    if (!ended) {
      LOG.warn("drain timed out, cutting connections count={}", connections.get());
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
      allClosed.get(timeoutMs, TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException late) {
      return false;
    } catch (ExecutionException impossible) {
      throw new IllegalStateException(impossible);
    }
  }

  /** Cuts the remaining connections and stops the threads. Idempotent. */
  @Override
  public synchronized void close() {
    stopListening();
    workers.stop();
    if (!loops.isShuttingDown()) {
      // A loop whose shutdown begins while it runs tasks terminates without closing its channels.
      onEachLoop(HttpServer::cutConnections);
    }
    loops.shutdownGracefully(0, STOP_MS, TimeUnit.MILLISECONDS).syncUninterruptibly();
  }

  private static void cutConnections(LoopContext context) {
    context.connections.tasks().forEach(connection -> ((HttpHandler) connection).cut());
  }

  /** Counts a connection on accept; its own loop may register it after the listener has closed. */
  private void connectionAccepted(Channel channel) {
    connections.incrementAndGet();
    channel.closeFuture().addListener(onConnectionClosed);
  }

  private void connectionClosed() {
    connectionsClosed.incrementAndGet();
    if (connections.decrementAndGet() == 0 && isDraining) {
      allClosed.complete(null);
    }
  }

  /** Adds the handler to each accepted connection, or refuses it. */
  private final class Acceptor extends ChannelInitializer<Channel> {
    private final RequestDispatcher served;
    private final @Nullable ServerTls tls;

    Acceptor(RequestDispatcher served, @Nullable ServerTls tls) {
      this.served = served;
      this.tls = tls;
    }

    @Override
    protected void initChannel(Channel channel) {
      LoopContext context = contexts.get(channel.eventLoop());
      if (context == null) {
        throw new IllegalStateException("connection registered on a foreign event loop");
      }
      acceptFailures.accepted();
      SourceAddress source = SourceAddress.of(channel.remoteAddress());
      Quotas listenerQuotas = served.quotas();
      Limit exceeded = listenerQuotas.connections().reserve(source, 1);
      if (exceeded != null) {
        counters.exhausted(Resource.CONNECTIONS, exceeded);
        refuse(channel, context);
        return;
      }
      if (tls != null) {
        channel
            .pipeline()
            .addLast(new TlsHandshake(
                channel,
                tls,
                listenerQuotas,
                source,
                counters,
                context.clock,
                settings.requestTimeoutMs()));
      }
      channel
          .pipeline()
          .addLast(new HttpHandler(channel, source, context, served, settings, counters));
    }

    private void refuse(Channel channel, LoopContext context) {
      counters.connectionClosed(Closed.OVER_LIMIT);
      if (tls != null) {
        channel.close();
        return;
      }
      byte[] refusal = context.preencoded.bare(Response.OVERLOADED.status(), ConnectionMode.CLOSE);
      channel
          .writeAndFlush(Unpooled.wrappedBuffer(refusal))
          .addListener(ChannelFutureListener.CLOSE);
    }
  }

  /** The quotas of the main address, for tests. */
  Quotas quotas() {
    return quotas;
  }

  /** The contexts of the loops, for tests that drive the timer themselves. */
  List<LoopContext> contexts() {
    return new ArrayList<>(contexts.values());
  }
}
