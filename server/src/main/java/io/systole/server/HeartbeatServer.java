// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.config.ServerConfig;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.RemovalDescription;
import io.systole.server.management.RemovalHistory;
import io.systole.server.metrics.Counters;
import io.systole.server.monitoring.HealthEndpoint;
import io.systole.server.monitoring.MetricsBinder;
import io.systole.server.monitoring.MetricsEndpoint;
import io.systole.server.monitoring.ReadMetrics;
import io.systole.server.monitoring.StoreMetrics;
import io.systole.server.net.HttpServer;
import io.systole.server.net.ListenAddress;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewalRate;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import io.systole.server.store.Store;
import io.systole.server.time.Clock;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A node: makes every room, hands each what it needs, starts, drains and stops them. */
public final class HeartbeatServer implements AutoCloseable {
  /**
   * What the store may take to stop, however long the connections took. The journal is written
   * while they drain, so little is left.
   */
  private static final long STORE_STOP_MS_MIN = 2_000;

  /** How often a disk that hangs is looked for. */
  private static final long DISK_WATCH_MS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatServer.class);

  private final ServerConfig config;
  private final ToLongFunction<HttpServer> loopLag;
  private final Clock clock;
  private final Store store;
  private final Registry registry;
  private final RenewalRate rate;
  private final Evictor evictor;
  private final PrometheusMeterRegistry meters;
  private final MetricsBinder metrics;
  private final ProtocolRoutes protocol;
  private final Router router;

  /** Where requests to the management address go; the same router when there is none. */
  private final Router managementRouter;

  private final HttpServer transport;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("systole-timer", true));

  /** Apart from the timer, whose evictions take long in a large registry. */
  private final ScheduledExecutorService events =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("systole-events", true));

  /** Apart from everything that clients drive: metrics are read when a node is in trouble. */
  private final ExecutorService scrapes =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("systole-metrics", true));

  private volatile boolean isServing;

  /** Written by {@link #start}, read by workers. */
  private volatile InstanceInfo self;

  private volatile @Nullable InetSocketAddress managementAddress;

  /**
   * Makes a node that doesn't serve yet.
   *
   * @throws IOException when the machine can't have the transport that the configuration names, or
   *     the data directory can't be used
   */
  public HeartbeatServer(ServerConfig config, Clock clock) throws IOException {
    this(config, clock, UnaryOperator.identity(), HttpServer::loopLagNs);
  }

  /**
   * @param journal wraps the journal that explanations are read from
   * @param loopLag measures how late the event loops are; what a clock turned by hand shows is no
   *     lag, as their timers don't follow it
   */
  HeartbeatServer(
      ServerConfig config,
      Clock clock,
      UnaryOperator<RemovalHistory> journal,
      ToLongFunction<HttpServer> loopLag)
      throws IOException {
    this.loopLag = loopLag;
    this.config = config;
    this.clock = clock;
    this.store = Store.open(config.store(), clock);
    this.registry = new Registry(config.registry(), clock, store.versionAfter(), store.leases());
    this.rate = new RenewalRate(registry.counters()::renewals);
    this.evictor = new Evictor(registry, rate, clock, config.eviction(), this::loopLagNs);
    registry.hideExpiredIf(evictor::isHidden);
    this.meters = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    Counters counters = new Counters();
    String prefix = config.basePaths().get(0);
    this.self = SelfInstance.at(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), config.net().port()),
        prefix,
        clock.wallMs());
    this.protocol = new ProtocolRoutes(config, registry, () -> self, clock, events);
    Router.Builder routes = Router.builder();
    Router.Builder management =
        config.net().management() == null ? routes : withHealth(Router.builder());
    protocol.addTo(routes);
    withHealth(routes);
    management.add(HttpMethod.GET, "/metrics", Route.late(new MetricsEndpoint(meters, scrapes)));
    ManagementRoutes.addTo(management, registry, evictor, clock, journal.apply(memory()), config);
    this.router = routes.build();
    this.managementRouter = management.build();
    this.transport = transport(counters);
    this.metrics = new MetricsBinder(registry, rate, evictor, counters, transport::loopLagNs);
    metrics.bindTo(meters);
    new ReadMetrics(protocol.views(), protocol.streams(), protocol.polls()).bindTo(meters);
    new StoreMetrics(store.counts(), store.health()).bindTo(meters);
  }

  private long loopLagNs() {
    return isServing ? loopLag.applyAsLong(transport) : 0;
  }

  private Router.Builder withHealth(Router.Builder routes) {
    return routes.add(
        HttpMethod.GET,
        "/health",
        Route.quick(new HealthEndpoint(() -> isServing, store.health()::degradation)));
  }

  /** The journal, as those ask it who explain. */
  private RemovalHistory memory() {
    return config.store().directory() == null ? RemovalHistory.NONE : this::lastKnown;
  }

  private @Nullable RemovalDescription lastKnown(InstanceKey key) {
    var known = store.lastKnown(key);
    return known == null
        ? null
        : new RemovalDescription(known.atMs(), known.cause(), known.origin());
  }

  private HttpServer transport(Counters counters) throws IOException {
    try {
      return new HttpServer(
          config.net(),
          new HeartbeatMatcher(config.basePaths()),
          protocol.renew()::newService,
          router,
          counters,
          clock,
          JvmInfo.descriptorsMax());
    } catch (IOException | RuntimeException failure) {
      events.shutdownNow();
      scrapes.shutdownNow();
      store.close(0);
      protocol.views().close();
      throw failure;
    }
  }

  /**
   * Goes on with the leases of an earlier run, if they are kept, and begins to serve.
   *
   * @return the main address listened on
   * @throws IOException when an address can't be had; then none is listened on
   */
  public InetSocketAddress start() throws IOException {
    if (store.start(registry) > 0) {
      protocol.markRestored();
    }
    InetSocketAddress address = transport.start();
    ListenAddress management = config.net().management();
    managementAddress =
        management == null ? address : transport.startManagement(management, managementRouter);
    evictor.detectStalls();
    self = SelfInstance.at(address, config.basePaths().get(0), clock.wallMs());
    every(config.eviction().intervalMs(), evictor);
    every(Evictor.TICK_MS, evictor::tick);
    every(config.eviction().recountMs(), evictor::recount);
    every(DISK_WATCH_MS, store.health()::watch);
    every(events, Evictor.TICK_MS, evictor::detectStalls);
    var unusedRate = timer.scheduleAtFixedRate(
        rate::endMinute, RenewalRate.MINUTE_MS, RenewalRate.MINUTE_MS, TimeUnit.MILLISECONDS);
    isServing = true;
    LOG.info(
        "serving address={} management={} transport={} loops={}",
        address,
        managementAddress,
        transport.kind(),
        transport.loopCount());
    return address;
  }

  /** As the other, by the timer of leases. */
  private void every(long intervalMs, Runnable task) {
    every(timer, intervalMs, task);
  }

  /**
   * A task that failed once is tried again: a timer left to itself would drop it without a word.
   */
  private static void every(ScheduledExecutorService executor, long intervalMs, Runnable task) {
    Runnable guarded = () -> {
      try {
        task.run();
      } catch (RuntimeException defect) {
        LOG.error("a task of the timer failed", defect);
      }
    };
    var unused =
        executor.scheduleWithFixedDelay(guarded, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Returns where metrics and management are served: the main address, unless they have one of
   * their own.
   *
   * @throws IllegalStateException before {@link #start} has returned
   */
  public InetSocketAddress managementAddress() {
    InetSocketAddress address = managementAddress;
    if (address == null) {
      throw new IllegalStateException("not started");
    }
    return address;
  }

  /** Who ends leases, for those who turn its clock by hand. */
  Evictor evictor() {
    return evictor;
  }

  /** Renewals of the last whole minute, for the same. */
  RenewalRate rate() {
    return rate;
  }

  /** Where requests go, for those who compare it with what is documented. */
  Router router() {
    return router;
  }

  /** Where requests to the management address go, for the same. */
  Router managementRouter() {
    return managementRouter;
  }

  /** The node's registry, for those who run it in their own process. */
  public Registry registry() {
    return registry;
  }

  /**
   * Announces the end to clients for the lame-duck time, in which everything is still served, then
   * closes. Without a connection that is at once.
   */
  public void stop() {
    stopTimers();
    try {
      transport.announceClose(config.lameDuckMs());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /** From here on renewals may go to other nodes, so no lease is evicted for want of them. */
  private void stopTimers() {
    if (isServing) {
      LOG.info("stopping leases={}", registry.leaseCount());
    }
    isServing = false;
    timer.shutdownNow();
    events.shutdownNow();
    // Who waits for a change is answered now; the drain would wait as long as they do.
    protocol.polls().close();
  }

  /**
   * Stops accepting, answers what was read within the drain time, and ends every thread. The store
   * has what is left of the drain time, but at least {@link #STORE_STOP_MS_MIN}.
   */
  @Override
  public void close() {
    long beganNs = clock.monotonicNs();
    stopTimers();
    try {
      transport.drain(config.drainTimeoutMs());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    transport.close();
    scrapes.shutdownNow();
    long tookMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - beganNs);
    store.close(Math.max(STORE_STOP_MS_MIN, config.drainTimeoutMs() - tookMs));
    protocol.views().close();
    metrics.close();
    meters.close();
    LOG.info("stopped leases={}", registry.leaseCount());
  }
}
