// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.client.net.ReloadCounts;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.ManagementRoutes.NodeSources;
import io.systole.server.RunningNode.Startup;
import io.systole.server.config.ReloadListener;
import io.systole.server.config.ServerConfig;
import io.systole.server.config.SetOption;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.NodeDescription;
import io.systole.server.management.ProtectionLog;
import io.systole.server.management.RemovalHistory;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.OpenFiles;
import io.systole.server.monitoring.CertificateMetrics;
import io.systole.server.monitoring.EvictionMetrics;
import io.systole.server.monitoring.ExpiredLeaseCount;
import io.systole.server.monitoring.HealthEndpoint;
import io.systole.server.monitoring.MetricsEndpoint;
import io.systole.server.monitoring.MetricsExport;
import io.systole.server.monitoring.NetMetrics;
import io.systole.server.monitoring.NodeHealth;
import io.systole.server.monitoring.NodeHealth.RunPhase;
import io.systole.server.monitoring.PageMetrics;
import io.systole.server.monitoring.PeerMetrics;
import io.systole.server.monitoring.ProcessMetrics;
import io.systole.server.monitoring.ReadMetrics;
import io.systole.server.monitoring.RegistryMetrics;
import io.systole.server.monitoring.ReloadMetrics;
import io.systole.server.monitoring.ReloadMetrics.Reloads;
import io.systole.server.monitoring.StoreMetrics;
import io.systole.server.net.HttpServer;
import io.systole.server.net.ListenAddress;
import io.systole.server.page.PageSources;
import io.systole.server.peer.PeerConnector;
import io.systole.server.peer.Peers;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewalRate;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Router;
import io.systole.server.store.Store;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A registry node: creates its components, connects them, starts, drains and stops them. */
public final class HeartbeatServer implements AutoCloseable {
  /**
   * The minimum time for the store to stop, even if the drain has used up its timeout. The journal
   * is written during the drain, so little is left.
   */
  private static final long STORE_STOP_MS_MIN = 2_000;

  /** The number of leases from which garbage is collected before the node serves. */
  private static final int MANY_LEASES = 50_000;

  /** The interval of the checks whose changes are logged: of the disk, and whether reads wait. */
  private static final long WATCH_MS = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(HeartbeatServer.class);

  /** Changed by reloads; the components have those of their options that they apply. */
  private volatile ServerConfig config;

  private final ToLongFunction<HttpServer> loopLag;
  private final NodeSecurity security;
  private final Clock clock;
  private final LifecycleLog lifecycle;
  private final Store store;
  private final Registry registry;
  private final RenewalRate rate;
  private final Evictor evictor;
  private final ProtectionLog protectionLog;
  private final ExpiredLeaseCount expired;
  private final MetricsExport metrics;
  private final OpenFiles openFiles = new OpenFiles();
  private final ProcessMetrics process =
      new ProcessMetrics(BuildInfo.CURRENT.version(), BuildInfo.CURRENT.revision(), openFiles);
  private volatile Supplier<String> configuration = () -> "";
  private volatile Supplier<List<SetOption>> options = List::of;
  private final ReloadCounts configReloads = new ReloadCounts();

  private final String runId;
  private final ProtocolRoutes protocol;
  private final ManagementRoutes operations;
  private final Router router;

  /** The router of the management address; equal to {@link #router} if there is none. */
  private final Router managementRouter;

  private final NodePage page;
  private final ClusterMember cluster;
  private final HttpServer httpServer;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("systole-timer", true));

  /** Separate from the timer, whose evictions take long in a large registry. */
  private final ScheduledExecutorService events =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("systole-events", true));

  /** Separate from the events: reading all leases for a new stream must not look like a stall. */
  private final ScheduledExecutorService pages =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("systole-page", true));

  /** Separate from everything driven by clients: metrics must be available under overload. */
  private final ExecutorService scrapes =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("systole-metrics", true));

  private volatile boolean isServing;
  private volatile boolean isStopping;

  /** Written by {@link #start}, read by workers. */
  private volatile InstanceInfo self;

  /** Null until the node serves. */
  private volatile @Nullable RunningNode running;

  /**
   * Creates a node that isn't serving yet.
   *
   * @throws IOException if the configured transport is not available, or the data directory or the
   *     TLS files can't be used
   */
  public HeartbeatServer(ServerConfig config, Clock clock) throws IOException {
    this(config, clock, UnaryOperator.identity(), HttpServer::loopLagNs);
  }

  /**
   * @param historyWrapper wraps the removal history, from which removals are explained
   * @param loopLag measures the lag of the event loops, whose timers don't follow a manual clock
   */
  HeartbeatServer(
      ServerConfig config,
      Clock clock,
      UnaryOperator<RemovalHistory> historyWrapper,
      ToLongFunction<HttpServer> loopLag)
      throws IOException {
    this.loopLag = loopLag;
    this.config = config;
    this.clock = clock;
    this.runId = UUID.randomUUID().toString();
    this.lifecycle = new LifecycleLog(clock);
    this.metrics = new MetricsExport(config.otlp());
    Counters counters = new Counters();
    this.security = new NodeSecurity(config.security(), clock, counters);
    PeerConnector connector = new PeerConnector(config.peers(), config.net().transport());
    long openedNs = clock.monotonicNs();
    this.store = Store.open(config.store(), clock, runId);
    lifecycle.restored(0, openedNs);
    this.registry = new Registry(config.registry(), clock, store.versionAfter(), store.leases());
    this.rate = new RenewalRate(registry.renewal()::clusterCount);
    this.evictor = new Evictor(registry, rate, clock, config.eviction(), this::loopLagNs);
    registry.expiry().hideIf(evictor::isHidden);
    this.protectionLog = new ProtectionLog(evictor, clock);
    evictor.onDecision(protectionLog::observe);
    this.expired = new ExpiredLeaseCount(registry.expiry());
    this.cluster = new ClusterMember(
        config.peers(),
        connector,
        registry,
        clock,
        runId,
        new PeerMetrics(metrics.meters())::update);
    String prefix = config.basePaths().get(0);
    this.self = SelfInstance.at(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), config.net().port()),
        prefix,
        config.security().tls() != null,
        clock.wallMs());
    this.protocol = new ProtocolRoutes(
        config,
        registry,
        () -> self,
        cluster::recorderOfCurrentThread,
        cluster::replicas,
        clock,
        counters,
        runId,
        events);
    Router.Builder routes = Router.builder();
    MonitoringRoutes monitoring = monitoringRoutes();
    Router.Builder management =
        config.net().management() == null ? routes : monitoring.addProbes(Router.builder());
    protocol.addTo(routes);
    monitoring.addProbes(routes);
    monitoring.addMetrics(management);
    this.operations = new ManagementRoutes(
        registry,
        evictor,
        clock,
        historyWrapper.apply(removalHistory()),
        config,
        new NodeSources(
            runId,
            cluster::statuses,
            security::refusals,
            () -> configuration.get(),
            this::description));
    operations.addTo(management);
    this.page = new NodePage(pageSources(counters), pages);
    page.addTo(management);
    this.router = routes.build();
    this.managementRouter = management.build();
    this.httpServer = httpServer(counters);
    bindMetrics(counters);
  }

  private void bindMetrics(Counters counters) {
    MeterRegistry meters = metrics.meters();
    process.bindTo(meters);
    new RegistryMetrics(registry, rate).bindTo(meters);
    new EvictionMetrics(rate, evictor, expired).bindTo(meters);
    new NetMetrics(counters, httpServer::loopLagNs).bindTo(meters);
    metrics.addRequestLatencies(httpServer::latencies);
    metrics.addRenewalDelays(evictor.renewalDelays().histogram());
    new CertificateMetrics(security::certificateExpiryMs).bindTo(meters);
    bindReloads(new ReloadMetrics(meters));
    new ReadMetrics(
            protocol.responseCache(),
            protocol.streams(),
            protocol.polls(),
            protocol.readiness()::refusedUntilMs)
        .bindTo(meters);
    new StoreMetrics(store.counts(), store.health()).bindTo(meters);
    new PageMetrics(page.streams()).bindTo(meters);
  }

  private PageSources pageSources(Counters counters) {
    return new PageSources(
        registry,
        evictor,
        clock,
        counters,
        this::loopLagNs,
        openFiles::count,
        cluster::statuses,
        store.health()::degradation,
        protocol.readiness()::waitingTime,
        this::description);
  }

  private void bindReloads(ReloadMetrics reloads) {
    reloads.add("configuration", published(List.of(configReloads)));
    reloads.add("credentials", published(security.credentialReloads()));
    reloads.add("certificates", published(security.certificateReloads()));
  }

  private static List<Reloads> published(List<ReloadCounts> all) {
    return all.stream()
        .map(counts -> new Reloads(counts::applied, counts::failed, counts::isLastApplied))
        .toList();
  }

  private long loopLagNs() {
    return isServing ? loopLag.applyAsLong(httpServer) : 0;
  }

  private MonitoringRoutes monitoringRoutes() {
    boolean isTls = config.net().management() == null
        ? config.security().tls() != null
        : config.security().managementTls() != null;
    return new MonitoringRoutes(
        new HealthEndpoint(
            () -> isServing, store.health()::degradation, protocol.readiness()::waitingTime),
        new NodeHealth(
            this::phase,
            store.health()::degradation,
            protocol.readiness()::waitingTime,
            cluster::statuses),
        new MetricsEndpoint(metrics.scraped(), scrapes),
        isTls);
  }

  private RunPhase phase() {
    return isServing ? RunPhase.SERVING : isStopping ? RunPhase.DRAINING : RunPhase.LOADING;
  }

  /** Returns the removal history, empty without a data directory. */
  private RemovalHistory removalHistory() {
    return config.store().directory() == null ? RemovalHistory.NONE : new JournalHistory(store);
  }

  private HttpServer httpServer(Counters counters) throws IOException {
    try {
      return new HttpServer(
          config.net(),
          new HeartbeatMatcher(config.basePaths()),
          loop -> protocol.renewEndpoint().newHandler(cluster.recorderOf(loop)),
          router,
          counters,
          clock,
          JvmInfo.descriptorsMax(),
          security.ofHttpServer());
    } catch (IOException | RuntimeException failure) {
      events.shutdownNow();
      pages.shutdownNow();
      scrapes.shutdownNow();
      cluster.close();
      store.close(0);
      security.close();
      protocol.responseCache().close();
      throw failure;
    }
  }

  /**
   * Starts the store with the leases recovered from an earlier run, then starts serving.
   *
   * @return the bound main address
   * @throws IOException if an address can't be bound; then all listening sockets are closed
   */
  public InetSocketAddress start() throws IOException {
    long restoreBeganNs = clock.monotonicNs();
    int restored = store.start(registry);
    lifecycle.restored(restored, restoreBeganNs);
    if (restored > 0) {
      protocol.readiness().markRestored();
    }
    cluster.load(config.waitWhenEmptyMs(), protocol.readiness()::markLoaded);
    protocol.readiness().watch();
    if (registry.leaseCount() >= MANY_LEASES) {
      // The first young collection after a bulk load copies all of it, and may pause the node for a
      // second. Before the node serves, the pause is harmless.
      System.gc();
    }
    InetSocketAddress address = httpServer.start();
    ListenAddress management = config.net().management();
    InetSocketAddress managementAddress =
        management == null ? address : httpServer.startManagement(management, managementRouter);
    evictor.detectStalls();
    self = SelfInstance.at(
        address, config.basePaths().get(0), config.security().tls() != null, clock.wallMs());
    Startup startup = new Startup(
        address,
        managementAddress,
        clock.wallMs(),
        clock.monotonicNs(),
        restored,
        lifecycle.restoreMs());
    String host = String.valueOf(self.hostName());
    running = new RunningNode(startup, config, runId, host, httpServer, openFiles, clock);
    scheduleRepeatedly(config.eviction().intervalMs(), evictor);
    scheduleRepeatedly(Evictor.TICK_MS, evictor::tick);
    scheduleRepeatedly(WATCH_MS, protectionLog);
    scheduleRepeatedly(config.eviction().recountMs(), evictor::recount);
    scheduleRepeatedly(ExpiredLeaseCount.INTERVAL_MS, expired);
    scheduleRepeatedly(WATCH_MS, store.health()::watch);
    scheduleRepeatedly(WATCH_MS, protocol.readiness()::watch);
    scheduleRepeatedly(events, Evictor.TICK_MS, evictor::detectStalls);
    var unusedRate = timer.scheduleAtFixedRate(
        rate::endMinute, RenewalRate.MINUTE_MS, RenewalRate.MINUTE_MS, TimeUnit.MILLISECONDS);
    cluster.start(address.getPort(), self, httpServer.nextLoop());
    security.watchFiles();
    security.warnIfOpen(address, managementAddress);
    isServing = true;
    metrics.startOtlp(host + ":" + address.getPort(), BuildInfo.CURRENT.version());
    lifecycle.started(address, managementAddress, config.store().directory(), httpServer);
    return address;
  }

  private void scheduleRepeatedly(long intervalMs, Runnable task) {
    scheduleRepeatedly(timer, intervalMs, task);
  }

  /** Schedules a task that is repeated after a failure; the executor would cancel it silently. */
  private static void scheduleRepeatedly(
      ScheduledExecutorService executor, long intervalMs, Runnable task) {
    Runnable guarded = () -> {
      try {
        task.run();
      } catch (RuntimeException failure) {
        LOG.error("timer task failed", failure);
      }
    };
    var unused =
        executor.scheduleWithFixedDelay(guarded, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  /**
   * Returns the address of metrics and management, which is the main address unless configured.
   *
   * @throws IllegalStateException before {@link #start} has returned
   */
  public InetSocketAddress managementAddress() {
    return running().managementAddress();
  }

  private @Nullable NodeDescription description() {
    RunningNode node = running;
    return node == null ? null : node.describe(options.get());
  }

  private RunningNode running() {
    RunningNode node = running;
    if (node == null) {
      throw new IllegalStateException("not started");
    }
    return node;
  }

  /**
   * Reads certificates and credentials again if their files have changed, as the node itself does
   * every 30 s; blocks meanwhile. Unusable files are logged and leave those in use.
   */
  public void reloadSecurity() {
    security.reload();
  }

  /** The evictor, for tests with a manual clock. */
  Evictor evictor() {
    return evictor;
  }

  /** The renewals of the last whole minute, for tests with a manual clock. */
  RenewalRate rate() {
    return rate;
  }

  /** The peers, for tests. */
  Peers peers() {
    return cluster.peers();
  }

  /** The router of the main address, for tests of the documentation. */
  Router router() {
    return router;
  }

  /** The router of the management address, for tests of the documentation. */
  Router managementRouter() {
    return managementRouter;
  }

  /** Gives every event loop a task; returns a future that completes when all have run it. */
  CompletableFuture<Void> probeLoops() {
    return httpServer.probeLoops();
  }

  /** Returns the node's registry, for embedding processes. */
  public Registry registry() {
    return registry;
  }

  /** Sets the text of the configuration for operators, without credentials; empty by default. */
  public void showConfiguration(Supplier<String> yaml) {
    configuration = yaml;
  }

  /** Sets the options that are not at their default, for operators; none by default. */
  public void showOptions(Supplier<List<SetOption>> set) {
    options = set;
  }

  /** Returns the outcomes of reading the configuration again, which the caller counts. */
  public ReloadCounts configReloads() {
    return configReloads;
  }

  /**
   * Prepares the change to another configuration while the node serves; see {@link ReloadListener}.
   *
   * @param next differs in reloadable options only
   * @throws IOException if the node is not serving
   */
  public Runnable prepareReload(ServerConfig next) throws IOException {
    if (!isServing) {
      throw new IOException("the node is starting or stopping");
    }
    return () -> {
      config = next;
      security.reload();
      httpServer.reload(next.net());
      protocol.limitBodies(next.net().bodyBytesMax());
      registry.limit(next.registry());
      evictor.replaceRules(next.eviction().rules());
      cluster.reload(next.peers());
    };
  }

  /**
   * Stops gracefully: announces the close to clients for the lame-duck period, in which requests
   * are still served, then closes.
   */
  public void stop() {
    stop(LifecycleLog.NO_SIGNAL);
  }

  /** @param signal the name of the signal by which the node stops */
  void stop(String signal) {
    stopTimers(signal);
    protocol.stopRegistrations();
    cluster.cancelSelf();
    try {
      httpServer.announceClose(config.lameDuckMs());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /** Stops the timers: from now on renewals may go to other nodes, so no lease may be evicted. */
  private void stopTimers(String signal) {
    if (isServing) {
      lifecycle.stopping(signal, registry.leaseCount(), httpServer);
    }
    isStopping = true;
    isServing = false;
    timer.shutdownNow();
    events.shutdownNow();
    pages.shutdownNow();
    // Completes the pending polls; the drain would otherwise wait for them.
    protocol.polls().close();
  }

  /**
   * Stops accepting, responds within the drain timeout to the requests already read, and stops
   * every thread. The store has the rest of the drain timeout, but at least
   * {@link #STORE_STOP_MS_MIN}.
   */
  @Override
  public void close() {
    long beganNs = clock.monotonicNs();
    stopTimers(LifecycleLog.NO_SIGNAL);
    lifecycle.beginStop(httpServer);
    try {
      httpServer.drain(config.drainTimeoutMs());
      cluster.drain();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    cluster.close();
    operations.close();
    // While everything that its last values are read from is open.
    metrics.stopOtlp();
    long closedConnections = httpServer.connectionsClosed();
    httpServer.close();
    security.close();
    scrapes.shutdownNow();
    long tookMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - beganNs);
    store.close(Math.max(STORE_STOP_MS_MIN, config.drainTimeoutMs() - tookMs));
    protocol.responseCache().close();
    process.close();
    metrics.close();
    lifecycle.stopped(registry.leaseCount(), closedConnections);
  }
}
