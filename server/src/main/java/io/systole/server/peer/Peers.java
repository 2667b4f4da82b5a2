// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.systole.client.net.HostLookup;
import io.systole.client.net.ServerAddress;
import io.systole.protocol.time.Clock;
import io.systole.server.peer.PeerStatus.LinkState;
import io.systole.server.registry.Registry;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private final PeerSettings settings;
  private final Registry registry;
  private final Clock clock;
  private final String nodeId;
  private final PeerConnector connector;
  private final PeerNames names;
  private final RenewalCollector renewals;
  private final StartupLoader loader;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("systole-peers", true));
  private final ExecutorService comparisons =
      Executors.newSingleThreadExecutor(new DefaultThreadFactory("systole-compare", true));

  /** Confined to the peer thread. */
  private final Map<PeerAddress, PeerLink> links = new LinkedHashMap<>();

  private volatile List<PeerLink> currentLinks = List.of();
  private volatile Consumer<List<Supplier<PeerStatus>>> onLinks = links -> {};
  private volatile int ownPort = -1;

  /**
   * Creates a set without links.
   *
   * @param connector closed with the set
   * @param nodeId the id of this run, as in {@code Systole-Node}
   * @param renewals the renewals on the node's event loops
   */
  public Peers(
      PeerSettings settings,
      PeerConnector connector,
      Registry registry,
      Clock clock,
      String nodeId,
      RenewalCollector renewals) {
    this(settings, connector, registry, clock, nodeId, renewals, HostLookup.SYSTEM);
  }

  /** @param lookup resolves the names of peers */
  Peers(
      PeerSettings settings,
      PeerConnector connector,
      Registry registry,
      Clock clock,
      String nodeId,
      RenewalCollector renewals,
      HostLookup lookup) {
    this.names = new PeerNames(settings, lookup);
    this.settings = settings;
    this.registry = registry;
    this.clock = clock;
    this.nodeId = nodeId;
    this.renewals = renewals;
    this.connector = connector;
    this.loader = new StartupLoader(names, connector, registry, clock);
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
    connector.watchFiles();
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
    Map<ServerAddress, CompletableFuture<List<PeerAddress>>> servers = names.resolve();
    servers.forEach((server, resolved) -> {
      var unused = resolved.thenAccept(peers -> execute(() -> reconcile(server, peers)));
    });
    // Also those with former credentials.
    closeIf(peer -> !servers.containsKey(peer.server()));
  }

  /** Adds links to new addresses of a server, and closes those to former ones. */
  private void reconcile(ServerAddress server, List<PeerAddress> peers) {
    Class<?> family = peers.get(0).address().getAddress().getClass();
    // A server with an address of each family must not have two links.
    List<PeerAddress> expected = peers.stream()
        .filter(peer -> peer.address().getAddress().getClass() == family && !isOwn(peer.address()))
        .distinct()
        .toList();
    closeIf(peer -> peer.server().equals(server) && !expected.contains(peer));
    for (PeerAddress peer : expected) {
      if (!links.containsKey(peer)) {
        open(peer);
      }
    }
    publish();
  }

  private void open(PeerAddress peer) {
    if (links.size() >= PeerUrls.PEERS_MAX) {
      LOG.warn(
          "more than {} addresses of peers, not replicating to url={} address={}",
          PeerUrls.PEERS_MAX,
          peer.server(),
          peer.address());
      return;
    }
    PeerLink link = new PeerLink(peer, new LinkContext(peer));
    links.put(peer, link);
    link.probe();
  }

  private void publish() {
    currentLinks = List.copyOf(links.values());
    onLinks.accept(
        currentLinks.stream().map(link -> (Supplier<PeerStatus>) link::status).toList());
  }

  private void closeIf(Predicate<PeerAddress> isClosed) {
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
  private boolean isOwn(InetSocketAddress address) {
    try {
      return address.getPort() == ownPort
          && NetworkInterface.getByInetAddress(address.getAddress()) != null;
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
   * Loads the registry of a peer, that of a Systole node if one responds. Blocks.
   *
   * @return whether a registry was loaded; false if no peer has one
   */
  public boolean load() {
    try {
      return loader.load();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /**
   * Tries to load the registry of a peer in the background.
   *
   * @param forMs how long to try
   * @param onLoaded run when a registry was loaded
   */
  public void keepLoading(long forMs, Runnable onLoaded) {
    comparisons.execute(() -> {
      try {
        if (loader.loadWithin(forMs)) {
          onLoaded.run();
        }
      } catch (InterruptedException closed) {
        Thread.currentThread().interrupt();
      }
    });
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
    execute(() -> closeIf(peer -> true));
    thread.shutdown();
    comparisons.shutdownNow();
    connector.close();
  }

  /** The environment of one link. */
  private final class LinkContext implements PeerLink.Context {
    private final PeerAddress peer;

    LinkContext(PeerAddress peer) {
      this.peer = peer;
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
      return connector.connect(peer);
    }

    @Override
    public PeerConnection connectForRegistry() {
      return connector.connectForRegistry(peer);
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
