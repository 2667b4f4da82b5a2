// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.client.net.ReloadCounts;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.NodeRoutes.NodeParts;
import io.systole.server.RunningNode.Startup;
import io.systole.server.cluster.NativeClusterSettings;
import io.systole.server.config.ReloadListener;
import io.systole.server.config.ServerConfig;
import io.systole.server.config.SetOption;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.RemovalHistory;
import io.systole.server.metrics.Counters;
import io.systole.server.monitoring.NodeHealth.RunPhase;
import io.systole.server.net.HttpServer;
import io.systole.server.net.ListenAddress;
import io.systole.server.peer.PeerConnector;
import io.systole.server.peer.Peers;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewalRate;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Router;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/** A registry node: creates its components, connects them, starts, drains and stops them. */
public final class HeartbeatServer implements AutoCloseable {
  /**
   * The minimum time for the store to stop, even if the drain has used up its timeout. The journal
   * is written during the drain, so little is left.
   */
  private static final long STORE_STOP_MS_MIN = 2_000;

  /** The number of leases from which garbage is collected before the node serves. */
  private static final int MANY_LEASES = 50_000;

  /** Changed by reloads; the components have those of their options that they apply. */
  private volatile ServerConfig config;

  private final ToLongFunction<HttpServer> loopLag;
  private final NodeSecurity security;
  private final Clock clock;
  private final AtomicBoolean isClosed = new AtomicBoolean();
  private final LifecycleLog lifecycle;
  private final NodeRegistry nodeRegistry;
  private final Registry registry;
  private final NodeMetrics metrics;
  private final ReloadCounts configReloads = new ReloadCounts();

  private final String runId;
  private final RunState run;
  private final NodeReplication replication;
  private final NodeRoutes routes;
  private final ProtocolRoutes protocol;
  private final HttpServer httpServer;
  private final NodeThreads threads = new NodeThreads();

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
    this.run = new RunState(selfAt(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), config.net().port())));
    this.metrics = new NodeMetrics(config.otlp());
    Counters counters = new Counters();
    this.security = new NodeSecurity(config.security(), clock, counters);
    PeerConnector connector = new PeerConnector(config.peers(), config.net().transport());
    long openedNs = clock.monotonicNs();
    this.nodeRegistry = new NodeRegistry(config, clock, runId, this::loopLagNs);
    this.registry = nodeRegistry.registry();
    lifecycle.restored(0, openedNs);
    this.replication =
        new NodeReplication(config, connector, registry, clock, runId, metrics.ofPeers()::update);
    this.routes = new NodeRoutes(
        new NodeParts(
            config,
            clock,
            runId,
            run,
            counters,
            nodeRegistry,
            security,
            replication,
            metrics,
            threads,
            this::loopLagNs),
        historyWrapper.apply(nodeRegistry.removalHistory()));
    this.protocol = routes.protocol();
    this.httpServer = httpServer(counters);
    bindMetrics(counters);
  }

  /** Returns the node as an instance. May resolve the name of the local host. */
  private InstanceInfo selfAt(InetSocketAddress address) {
    return SelfInstance.at(
        address, config.basePaths().get(0), config.security().tls() != null, clock.wallMs());
  }

  private void bindMetrics(Counters counters) {
    metrics.bindProcess();
    metrics.bindRegistry(nodeRegistry);
    metrics.bindNet(counters, httpServer);
    metrics.bindReloads(security, configReloads);
    metrics.bindReads(protocol, routes.pageStreams());
  }

  private long loopLagNs() {
    return run.isServing() ? loopLag.applyAsLong(httpServer) : 0;
  }

  private HttpServer httpServer(Counters counters) throws IOException {
    try {
      return new HttpServer(
          config.net(),
          new HeartbeatMatcher(config.basePaths()),
          loop -> protocol.renewEndpoint().newHandler(replication.recorderOf(loop)),
          routes.main(),
          counters,
          clock,
          JvmInfo.descriptorsMax(),
          security.ofHttpServer());
    } catch (IOException | RuntimeException failure) {
      threads.stopTimers();
      threads.stopScrapes();
      replication.close();
      nodeRegistry.store().close(0);
      security.close();
      protocol.responseCache().close();
      throw failure;
    }
  }

  /**
   * Restores the leases of an earlier run, loads those of the cluster, then starts serving.
   *
   * @return the bound main address
   * @throws IOException if an address can't be bound; then all listening sockets are closed
   */
  public InetSocketAddress start() throws IOException {
    long restoreBeganNs = clock.monotonicNs();
    int restored = nodeRegistry.store().restore(registry);
    lifecycle.restored(restored, restoreBeganNs);
    if (restored > 0) {
      protocol.readiness().markRestored();
    }
    replication.peers().load(config.waitWhenEmptyMs(), protocol.readiness()::markLoaded);
    joinCluster();
    protocol.readiness().watch();
    if (registry.leaseCount() >= MANY_LEASES) {
      // The first young collection after a bulk load copies all of it, and may pause the node for a
      // second. Before the node serves, the pause is harmless.
      System.gc();
    }
    nodeRegistry.store().startWriting(registry);
    InetSocketAddress address = httpServer.start();
    ListenAddress management = config.net().management();
    InetSocketAddress managementAddress =
        management == null ? address : httpServer.startManagement(management, routes.management());
    nodeRegistry.evictor().detectStalls();
    InstanceInfo self = selfAt(address);
    Startup startup = new Startup(
        address,
        managementAddress,
        clock.wallMs(),
        clock.monotonicNs(),
        restored,
        lifecycle.restoreMs());
    String host = String.valueOf(self.hostName());
    run.setRunning(
        self,
        new RunningNode(startup, config, runId, host, httpServer, metrics.openFiles(), clock));
    nodeRegistry.schedule(threads, protocol.readiness()::watch);
    NativeClusterSettings cluster = config.cluster();
    if (cluster != null) {
      threads.repeatWithEvents(cluster.replica().windowMs() / 2, replication::collectRenewals);
    }
    replication.start(address.getPort(), self, httpServer.nextLoop());
    security.watchFiles();
    security.warnIfOpen(address, managementAddress);
    run.enter(RunPhase.SERVING);
    metrics.startOtlp(host + ":" + address.getPort());
    lifecycle.started(address, managementAddress, config.store().directory(), httpServer);
    return address;
  }

  /** Joins the native cluster if one is configured; its registry is complete then, or late. */
  private void joinCluster() throws IOException {
    NativeCluster cluster = replication.join();
    if (cluster != null) {
      cluster.restrictEvictions(nodeRegistry.evictor());
      metrics.bindCluster(cluster, clock);
      if (cluster.hasLoaded() && registry.leaseCount() > 0) {
        protocol.readiness().markLoaded();
      }
    }
  }

  /**
   * Returns the address of metrics and management, which is the main address unless configured.
   *
   * @throws IllegalStateException before {@link #start} has returned
   */
  public InetSocketAddress managementAddress() {
    return run.running().managementAddress();
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
    return nodeRegistry.evictor();
  }

  /** The renewals of the last whole minute, for tests with a manual clock. */
  RenewalRate rate() {
    return nodeRegistry.rate();
  }

  /** The peers, for tests. */
  Peers peers() {
    return replication.peers().peers();
  }

  /** The router of the main address, for tests of the documentation. */
  Router router() {
    return routes.main();
  }

  /** The router of the management address, for tests of the documentation. */
  Router managementRouter() {
    return routes.management();
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
    run.showConfiguration(yaml);
  }

  /** Sets the options that are not at their default, for operators; none by default. */
  public void showOptions(Supplier<List<SetOption>> set) {
    run.showOptions(set);
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
    if (!run.isServing()) {
      throw new IOException("the node is starting or stopping");
    }
    return () -> {
      config = next;
      security.reload();
      httpServer.reload(next.net());
      protocol.limitBodies(next.net().bodyBytesMax());
      registry.limit(next.registry());
      nodeRegistry.evictor().replaceRules(next.eviction().rules());
      replication.peers().reload(next.peers());
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
    replication.cancelSelf();
    try {
      httpServer.announceClose(config.lameDuckMs());
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    close();
  }

  /** Stops the timers: from now on renewals may go to other nodes, so no lease may be evicted. */
  private void stopTimers(String signal) {
    if (run.isServing()) {
      lifecycle.stopping(signal, registry.leaseCount(), httpServer);
    }
    run.enter(RunPhase.DRAINING);
    replication.showDraining();
    threads.stopTimers();
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
    if (isClosed.getAndSet(true)) {
      return;
    }
    long beganNs = clock.monotonicNs();
    stopTimers(LifecycleLog.NO_SIGNAL);
    lifecycle.beginStop(httpServer);
    try {
      httpServer.drain(config.drainTimeoutMs());
      long drainedMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - beganNs);
      replication.drain(httpServer::probeLoops, config.drainTimeoutMs() - drainedMs);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    replication.close();
    routes.close();
    // While everything that its last values are read from is open.
    metrics.stopOtlp();
    long closedConnections = httpServer.connectionsClosed();
    httpServer.close();
    security.close();
    threads.stopScrapes();
    long tookMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - beganNs);
    nodeRegistry.store().close(Math.max(STORE_STOP_MS_MIN, config.drainTimeoutMs() - tookMs));
    protocol.responseCache().close();
    metrics.close();
    lifecycle.stopped(registry.leaseCount(), closedConnections);
  }
}
