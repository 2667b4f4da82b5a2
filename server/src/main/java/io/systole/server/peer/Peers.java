// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import io.systole.client.net.HostLookup;
import io.systole.client.net.ServerAddress;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.Registry;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The peers of a node: loads the registry of one at the start, and replicates to all from then on.
 * Thread-safe.
 */
public final class Peers implements AutoCloseable {
  /*
   * A name may stand for several servers, so each of its addresses has a link. Links are created
   * and closed by the peer thread, which reads the configuration and resolves names periodically; a
   * name that can't be resolved keeps its links.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Peers.class);

  private static final long DRAIN_POLL_MS = 20;

  private static final long RESOLVE_INTERVAL_MS = 30_000;

  private final PeerSettings settings;
  private final PeerConnector connector;
  private final PeerResolver resolver;
  private final RenewalCollector renewals;
  private final LinkTimings timings;
  private final StartupLoader loader;
  private final PeerThreads threads = new PeerThreads();

  /** Confined to the peer thread. */
  private final LinkSet links;

  private volatile List<PeerLink> currentLinks = List.of();
  private volatile Consumer<List<Supplier<PeerStatus>>> onLinks = links -> {};
  private volatile int ownPort = -1;
  private volatile Predicate<PeerAddress> isElected = peer -> true;

  /**
   * Creates the peers without links to them.
   *
   * @param connector closed with the peers
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
    this(
        settings,
        connector,
        registry,
        clock,
        nodeId,
        renewals,
        HostLookup.SYSTEM,
        LinkTimings.DEFAULT);
  }

  /** @param lookup resolves the names of peers */
  Peers(
      PeerSettings settings,
      PeerConnector connector,
      Registry registry,
      Clock clock,
      String nodeId,
      RenewalCollector renewals,
      HostLookup lookup,
      LinkTimings timings) {
    this.settings = settings;
    this.connector = connector;
    this.resolver = new PeerResolver(settings, lookup, clock);
    this.renewals = renewals;
    this.timings = timings;
    this.loader = new StartupLoader(resolver, connector, registry, clock);
    this.links = new LinkSet(
        new LinkEnvironment(
            registry, clock, connector, threads, new ComparisonQueue(threads::execute), timings),
        nodeId,
        peer -> isElected.test(peer),
        this::publish);
  }

  /** Sets the listener, which receives the current links whenever they may have changed. */
  public void onLinks(Consumer<List<Supplier<PeerStatus>>> listener) {
    onLinks = listener;
  }

  private void publish(List<PeerLink> current) {
    currentLinks = current;
    onLinks.accept(
        current.stream().map(link -> (Supplier<PeerStatus>) link::status).toList());
  }

  /**
   * Loads the registry of a peer, that of a Systole node if one responds. Blocks for a bounded
   * time.
   *
   * @return whether a registry was loaded; false if no peer has one
   */
  public boolean load() {
    return load(StartupLoader.START_MS_MAX);
  }

  /** @param timeoutMs the maximum time for all peers */
  boolean load(long timeoutMs) {
    try {
      return loader.load(timeoutMs);
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
    threads.executeLoad(() -> {
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
    renewals.subscribe(this::addRenewalsDue);
    threads.repeat(this::update, 0, RESOLVE_INTERVAL_MS);
    threads.repeat(this::sendAll, timings.batchMs(), timings.batchMs());
  }

  /** Replaces the configured URLs, and reads those of the file again. */
  public void reload(PeerSettings next) {
    resolver.replace(next.urls());
    refresh();
  }

  /** Reads the URLs again and resolves their names, without waiting for the next interval. */
  public void refresh() {
    threads.execute(this::update);
  }

  /** Reads the URLs again, resolves their names, and adds and removes links accordingly. */
  private void update() {
    Map<ServerAddress, CompletableFuture<List<PeerAddress>>> servers = resolver.resolve();
    servers.forEach((server, resolved) -> {
      var unused = resolved.thenAccept(
          peers -> threads.execute(() -> links.reconcile(server, linked(peers))));
    });
    // Also those with former credentials.
    links.retain(servers.keySet());
  }

  /** Returns those addresses of a server that have a link. */
  private Set<PeerAddress> linked(List<PeerAddress> peers) {
    Class<?> family = peers.get(0).address().getAddress().getClass();
    // A server with an address of each family must not have two links.
    return peers.stream()
        .filter(peer -> peer.address().getAddress().getClass() == family && !isOwn(peer.address()))
        .collect(Collectors.toCollection(LinkedHashSet::new));
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

  /**
   * Replicates only to those peers for which this member of a native cluster is elected; links to
   * others stand by, and compare their peers when they become elected. By default, all are.
   *
   * @param elected called by the peer thread at each sending
   */
  public void sendIf(Predicate<PeerAddress> elected) {
    isElected = elected;
  }

  /**
   * Adds slots whose renewals are to be sent, as words of a bit set, besides those of this node: in
   * a native cluster, those renewed at other members. The array must not be modified any more.
   */
  public void addRenewalsDue(long[] words) {
    if (settings.hasPeers()) {
      threads.execute(() -> links.addRenewalsDue(words));
    }
  }

  private void sendAll() {
    renewals.collect();
    links.send();
  }

  /** Returns the states of the links. */
  public List<PeerStatus> statuses() {
    return currentLinks.stream().map(PeerLink::status).toList();
  }

  /**
   * Sends what is due, as long as the peers accept it.
   *
   * @param timeoutMs the maximum time
   */
  public void drain(long timeoutMs) throws InterruptedException {
    CompletableFuture<Void> drained = new CompletableFuture<>();
    // Twice: the first call collects the renewals, which arrive at the links after it.
    threads.execute(this::sendAll);
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
    boolean isScheduled = threads.schedule(
        () -> {
          sendAll();
          if (links.isDrained()) {
            drained.complete(null);
          } else if (!drained.isDone()) {
            pollDrained(drained);
          }
        },
        DRAIN_POLL_MS);
    if (!isScheduled) {
      drained.complete(null);
    }
  }

  /** Stops at once; what was not sent is lost to the peers until their next comparison. */
  @Override
  public void close() {
    threads.execute(() -> links.retain(Set.of()));
    threads.close();
    connector.close();
  }
}
