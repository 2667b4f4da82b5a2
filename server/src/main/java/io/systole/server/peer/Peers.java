// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.client.net.HostLookup;
import io.systole.client.net.NameResolver;
import io.systole.client.net.ServerAddress;
import io.systole.client.net.TlsContext;
import io.systole.protocol.time.Clock;
import io.systole.server.peer.PeerConnection.Limits;
import io.systole.server.peer.PeerConnection.Transport;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.registry.Registry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.URI;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The set of peers, and a link to each of their addresses. Any thread may call. */
public final class Peers implements AutoCloseable {
  /*
   * A name may stand for several servers, so each of its addresses has a link. Links are created
   * and closed by the peer thread, which reads the configuration and resolves names periodically; a
   * name that can't be resolved keeps its links.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Peers.class);

  /** The interval of batches: within the 500 ms that stock servers take. */
  private static final long BATCH_INTERVAL_MS = 250;

  private static final long DRAIN_POLL_MS = 20;

  private static final long RESOLVE_INTERVAL_MS = 30_000;

  private static final long LOAD_RETRY_MS = 1_000;

  private static final long RESOLVE_TIMEOUT_MS = 10_000;

  /** The interval at which TLS files are checked for changes. */
  private static final Duration TLS_CHECK_INTERVAL = Duration.ofSeconds(30);

  /** A batch response may contain an instance per item. */
  private static final int BATCH_RESPONSE_BYTES_MAX = 8 * 1024 * 1024;

  /** The compressed registry of several million instances, or of 200,000 uncompressed. */
  private static final int REGISTRY_BYTES_MAX = 256 * 1024 * 1024;

  /** A server and one of its addresses. */
  private record Endpoint(ServerAddress server, InetSocketAddress address) {}

  private final PeerSettings settings;
  private final PeerUrls urls;
  private final Registry registry;
  private final Clock clock;
  private final String nodeId;
  private final Supplier<Transport> transports;
  private final NameResolver names;
  private final RenewalCollector renewals;
  private final @Nullable TlsContext tls;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("systole-peers", true));
  private final ExecutorService comparisons =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("systole-compare", true));

  /** Confined to the peer thread. */
  private final Map<Endpoint, PeerLink> links = new LinkedHashMap<>();

  private volatile List<PeerLink> currentLinks = List.of();
  private volatile Consumer<List<Supplier<PeerStatus>>> onLinks = links -> {};
  private volatile int ownPort = -1;

  /**
   * Creates a set without links.
   *
   * @param tls for peers with an https URL; required if any peers are configured
   * @param nodeId the id of this run, as in {@code Systole-Node}
   * @param renewals the renewals on the node's event loops
   * @param transports returns an event loop for a new connection
   */
  public Peers(
      PeerSettings settings,
      @Nullable TlsContext tls,
      Registry registry,
      Clock clock,
      String nodeId,
      RenewalCollector renewals,
      Supplier<Transport> transports) {
    this(settings, tls, registry, clock, nodeId, renewals, transports, HostLookup.SYSTEM);
  }

  /** @param lookup resolves the names of peers */
  Peers(
      PeerSettings settings,
      @Nullable TlsContext tls,
      Registry registry,
      Clock clock,
      String nodeId,
      RenewalCollector renewals,
      Supplier<Transport> transports,
      HostLookup lookup) {
    this.names = new NameResolver(lookup);
    this.settings = settings;
    this.urls = new PeerUrls(settings);
    this.registry = registry;
    this.clock = clock;
    this.nodeId = nodeId;
    this.renewals = renewals;
    this.transports = transports;
    this.tls = tls;
  }

  /** Sets the listener, which receives the current links whenever they may have changed. */
  public void onLinks(Consumer<List<Supplier<PeerStatus>>> listener) {
    onLinks = listener;
  }

  /**
   * Starts replicating.
   *
   * @param port the port on which this node listens
   */
  public void start(int port) {
    if (!settings.hasPeers()) {
      return;
    }
    ownPort = port;
    if (tls != null) {
      tls.watch(TLS_CHECK_INTERVAL);
    }
    repeat(this::update, 0, RESOLVE_INTERVAL_MS);
    repeat(this::sendAll, BATCH_INTERVAL_MS, BATCH_INTERVAL_MS);
  }

  /** Reads the URLs again and resolves their names, without waiting for the next interval. */
  public void refresh() {
    execute(this::update);
  }

  private void repeat(Runnable task, long delayMs, long intervalMs) {
    Runnable guarded = () -> {
      try {
        task.run();
      } catch (Throwable failure) {
        // Anything thrown would end the repetition.
        LOG.error("peer task failed", failure);
      }
    };
    var unused = thread.scheduleWithFixedDelay(guarded, delayMs, intervalMs, TimeUnit.MILLISECONDS);
  }

  private void sendAll() {
    renewals.collect(words -> execute(() -> {
      for (PeerLink link : links.values()) {
        link.addRenewed(words);
      }
    }));
    links.values().forEach(PeerLink::send);
  }

  /** Reads the URLs again, resolves their names, and adds and removes links accordingly. */
  private void update() {
    List<URI> current = urls.read();
    Set<ServerAddress> servers = new HashSet<>();
    for (URI url : current) {
      ServerAddress server = ServerAddress.of(url);
      servers.add(server);
      names
          .resolve(server.hostName())
          .copy()
          .orTimeout(RESOLVE_TIMEOUT_MS, TimeUnit.MILLISECONDS)
          .whenComplete((addresses, failure) -> execute(() -> {
            if (failure == null) {
              reconcile(server, addresses);
            } else {
              LOG.warn("cannot resolve peer url={}: {}", server, failure.toString());
            }
          }));
    }
    // Also those with former credentials.
    closeIf(endpoint -> !servers.contains(endpoint.server()));
  }

  /** Adds links to new addresses of a server, and closes those to former ones. */
  private void reconcile(ServerAddress server, List<InetAddress> addresses) {
    Class<?> family = addresses.get(0).getClass();
    Set<InetSocketAddress> expected = new HashSet<>();
    for (InetAddress address : addresses) {
      // A server with an address of each family must not have two links.
      if (address.getClass() == family && !isOwn(address, server.port())) {
        expected.add(new InetSocketAddress(address, server.port()));
      }
    }
    closeIf(endpoint -> endpoint.server().equals(server) && !expected.contains(endpoint.address()));
    for (InetSocketAddress address : expected) {
      Endpoint endpoint = new Endpoint(server, address);
      if (!links.containsKey(endpoint)) {
        open(endpoint);
      }
    }
    publish();
  }

  private void open(Endpoint endpoint) {
    if (links.size() >= PeerUrls.PEERS_MAX) {
      LOG.warn(
          "more than {} addresses of peers, not replicating to url={} address={}",
          PeerUrls.PEERS_MAX,
          endpoint.server(),
          endpoint.address());
      return;
    }
    PeerLink link =
        new PeerLink(endpoint.server().url(), endpoint.address(), new LinkContext(endpoint));
    links.put(endpoint, link);
    link.probe();
  }

  private void publish() {
    currentLinks = List.copyOf(links.values());
    onLinks.accept(
        currentLinks.stream().map(link -> (Supplier<PeerStatus>) link::status).toList());
  }

  private void closeIf(Predicate<Endpoint> isClosed) {
    links.entrySet().removeIf(entry -> {
      boolean closes = isClosed.test(entry.getKey());
      if (closes) {
        entry.getValue().close();
      }
      return closes;
    });
    publish();
  }

  /** Returns whether the address is one of this machine with the port of this node. */
  private boolean isOwn(InetAddress address, int port) {
    try {
      return port == ownPort && NetworkInterface.getByInetAddress(address) != null;
    } catch (SocketException unknown) {
      return false;
    }
  }

  private void execute(Runnable task) {
    try {
      thread.execute(task);
    } catch (RejectedExecutionException stopped) {
      // Nothing is replicated any more.
    }
  }

  /** Returns the states of the links. */
  public List<PeerStatus> statuses() {
    return currentLinks.stream().map(PeerLink::status).toList();
  }

  /**
   * Loads the registry of the first peer that returns it. Blocks.
   *
   * @return whether a registry was loaded; false if no peer has one
   */
  public boolean load() {
    RegistryDownload download = new RegistryDownload(registry, clock);
    for (URI url : urls.read()) {
      ServerAddress server = ServerAddress.of(url);
      try {
        List<InetAddress> addresses =
            names.resolve(server.hostName()).copy().get(RESOLVE_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        for (InetAddress address : addresses) {
          Endpoint endpoint = new Endpoint(server, new InetSocketAddress(address, server.port()));
          if (download.from(server.url(), connectForRegistry(endpoint))) {
            return true;
          }
        }
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return false;
      } catch (ExecutionException | TimeoutException unresolved) {
        LOG.warn("cannot resolve peer url={}: {}", server, unresolved.toString());
      }
    }
    return false;
  }

  /**
   * Tries to load the registry of a peer in the background.
   *
   * @param forMs how long to try
   * @param onLoaded run when a registry was loaded
   */
  public void keepLoading(long forMs, Runnable onLoaded) {
    long endNs = clock.monotonicNs() + TimeUnit.MILLISECONDS.toNanos(forMs);
    comparisons.execute(() -> {
      while (clock.monotonicNs() - endNs < 0) {
        if (load()) {
          onLoaded.run();
          return;
        }
        try {
          Thread.sleep(LOAD_RETRY_MS);
        } catch (InterruptedException closed) {
          return;
        }
      }
    });
  }

  private PeerConnection connect(Endpoint endpoint) {
    return connect(
        endpoint, new Limits(settings.timeoutMs(), settings.timeoutMs(), BATCH_RESPONSE_BYTES_MAX));
  }

  private PeerConnection connectForRegistry(Endpoint endpoint) {
    return connect(
        endpoint,
        new Limits(settings.timeoutMs(), RegistryDownload.TOTAL_TIMEOUT_MS, REGISTRY_BYTES_MAX));
  }

  private PeerConnection connect(Endpoint endpoint, Limits limits) {
    return new PeerConnection(transports.get(), endpoint.server(), endpoint.address(), tls, limits);
  }

  /**
   * Sends what is due, as long as the peers accept it.
   *
   * @param timeoutMs the maximum time
   */
  public void drain(long timeoutMs) throws InterruptedException {
    CompletableFuture<Void> drained = new CompletableFuture<>();
    // Twice: the first call collects the renewals, which arrive at the links after it.
    execute(this::sendAll);
    pollDrained(drained);
    try {
      drained.get(timeoutMs, TimeUnit.MILLISECONDS);
    } catch (ExecutionException | TimeoutException late) {
      LOG.warn("peers have not accepted all changes peers={}", statuses().size());
    } finally {
      // Ends the polling.
      drained.complete(null);
    }
  }

  private void pollDrained(CompletableFuture<Void> drained) {
    try {
      var unused = thread.schedule(
          () -> {
            sendAll();
            if (links.values().stream().allMatch(link -> !link.isActive() || link.isIdle())) {
              drained.complete(null);
            } else if (!drained.isDone()) {
              pollDrained(drained);
            }
          },
          DRAIN_POLL_MS,
          TimeUnit.MILLISECONDS);
    } catch (RejectedExecutionException stopped) {
      drained.complete(null);
    }
  }

  /** Stops at once; what was not sent is lost to the peers until their next comparison. */
  @Override
  public void close() {
    execute(() -> closeIf(endpoint -> true));
    thread.shutdown();
    comparisons.shutdownNow();
    if (tls != null) {
      tls.close();
    }
  }

  /** The environment of one link. */
  private final class LinkContext implements PeerLink.Context {
    private final Endpoint endpoint;

    LinkContext(Endpoint endpoint) {
      this.endpoint = endpoint;
    }

    @Override
    public Registry registry() {
      return registry;
    }

    @Override
    public Clock clock() {
      return clock;
    }

    @Override
    public LinkState claim(PeerLink link, @Nullable String peerId) {
      if (peerId == null) {
        return LinkState.UP;
      }
      if (peerId.equals(nodeId)) {
        return LinkState.SELF;
      }
      boolean isTaken = links.values().stream()
          .anyMatch(other -> other != link && other.isActive() && peerId.equals(other.nodeId()));
      return isTaken ? LinkState.DUPLICATE : LinkState.UP;
    }

    @Override
    public PeerConnection connect() {
      return Peers.this.connect(endpoint);
    }

    @Override
    public PeerConnection connectForRegistry() {
      return Peers.this.connectForRegistry(endpoint);
    }

    @Override
    public void execute(Runnable task) {
      Peers.this.execute(task);
    }

    @Override
    public void schedule(Runnable task, long delayMs) {
      try {
        var unused = thread.schedule(task, delayMs, TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException stopped) {
        // Nothing is replicated any more.
      }
    }

    @Override
    public void executeComparison(Runnable task) {
      comparisons.execute(task);
    }
  }
}
