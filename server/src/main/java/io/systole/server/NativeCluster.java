// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import io.systole.protocol.time.Clock;
import io.systole.server.cluster.ClusterStatus;
import io.systole.server.cluster.NativeClusterSettings;
import io.systole.server.cluster.Replica;
import io.systole.server.cluster.ReplicaThread;
import io.systole.server.cluster.group.GroupListener;
import io.systole.server.cluster.group.GroupSettings;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.JGroupsGroup;
import io.systole.server.eviction.Evictor;
import io.systole.server.management.ClusterEndpoint.ClusterDescription;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** The node's membership in a native cluster, from joining to leaving. Thread-safe. */
final class NativeCluster implements AutoCloseable {
  /** The timeout of sending the last changes and leaving. */
  private static final long LEAVE_MS = 2_000;

  private static final long POLL_NS = TimeUnit.MILLISECONDS.toNanos(5);

  private final NativeClusterSettings settings;
  private final Registry registry;
  private final Clock clock;
  private final ClusterLog log;
  /** The URL for clients, without the port if the system chooses it. */
  private final AnnouncedUrl service;

  /** The host on which this node listens for members. */
  private final String host;

  private volatile String url;
  private final Replica replica;
  private final ReplicaThread thread;
  private volatile Runnable membersListener = () -> {};
  private final AtomicBoolean isClosed = new AtomicBoolean();

  private NativeCluster(
      NativeClusterSettings settings, AnnouncedUrl service, Registry registry, Clock clock)
      throws IOException {
    this.settings = settings;
    this.registry = registry;
    this.clock = clock;
    this.log = new ClusterLog(settings.group().name());
    this.service = service;
    GroupSettings resolved = ClusterAddress.resolve(settings.group());
    this.host = resolved.bind().getHostString();
    this.url = service.at(host, service.port());
    this.replica = new Replica(
        settings.replica(),
        new ObservedGroup(JGroupsGroup.open(resolved), this::onView),
        registry,
        clock,
        BuildInfo.CURRENT.version(),
        () -> url);
    this.thread = new ReplicaThread(replica);
  }

  /**
   * Joins the cluster and loads its registry, for at most the configured time.
   *
   * @param service the URL of this node for clients
   * @throws IOException if the cluster can't be joined, or its members refuse this one
   */
  static NativeCluster join(
      NativeClusterSettings settings, AnnouncedUrl service, Registry registry, Clock clock)
      throws IOException {
    NativeCluster cluster = new NativeCluster(settings, service, registry, clock);
    long beganNs = clock.monotonicNs();
    cluster.replica.join();
    cluster.thread.start();
    cluster.awaitRegistry(beganNs);
    return cluster;
  }

  /** Sets the port on which the node listens for clients, which the system may have chosen. */
  void setPort(int port) {
    url = service.at(host, port);
  }

  private void onView(GroupListener listener, GroupView view) {
    ClusterStatus before = replica.status();
    listener.onView(view);
    membersListener.run();
    if (!before.members().isEmpty()) {
      log.viewChanged(before, view);
    }
  }

  /**
   * Restricts an evictor to leases for which this member is responsible, and delays evictions until
   * the renewals of other members have arrived.
   */
  void restrictEvictions(Evictor evictor) {
    evictor.evictIf(deadline -> replica.isResponsible(deadline.slot()));
    evictor.evictAfter(replica::evictionSlackNs);
  }

  /** Calls a listener now, and whenever the members have changed. */
  void onMembers(Runnable listener) {
    membersListener = listener;
    listener.run();
  }

  private void awaitRegistry(long beganNs) throws IOException {
    try {
      replica.completion().get(settings.joinTimeoutMs(), TimeUnit.MILLISECONDS);
      log.joined(replica.status(), registry.leaseCount(), passedMs(beganNs));
    } catch (TimeoutException late) {
      log.incomplete(replica.status(), registry.leaseCount(), passedMs(beganNs));
      var unused = replica.completion().thenRun(() -> log.completed(registry.leaseCount()));
    } catch (ExecutionException failed) {
      close();
      Throwable refusal = Objects.requireNonNullElse(failed.getCause(), failed);
      throw new IOException(
          "cannot join the cluster " + settings.group().name() + ": " + refusal.getMessage(),
          refusal);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private long passedMs(long sinceNs) {
    return TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - sinceNs);
  }

  /** Returns the cluster as this member sees it. */
  ClusterDescription describe() {
    return new ClusterDescription(
        settings.group().name(),
        settings.group().members().size(),
        replica.status(),
        replica.counters());
  }

  /** Returns whether this member holds the registry of the cluster, which has other members. */
  boolean hasLoaded() {
    return replica.isComplete() && replica.status().members().size() > 1;
  }

  Replica replica() {
    return replica;
  }

  /**
   * Waits as long as another member loads the registry from this one and can from no other, but not
   * longer than the limit. To be called before {@link #close}.
   */
  void awaitJoiners(long limitMs) throws InterruptedException {
    if (isClosed.get() || !replica.isOnlyDonor()) {
      return;
    }
    long beganNs = clock.monotonicNs();
    while (replica.isOnlyDonor() && passedMs(beganNs) < limitMs) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(POLL_NS);
    }
    log.awaitedJoiners(!replica.isOnlyDonor(), passedMs(beganNs));
  }

  /** Sends the last changes to the other members and leaves, in bounded time. */
  @Override
  public void close() {
    if (isClosed.getAndSet(true)) {
      return;
    }
    long beganNs = clock.monotonicNs();
    Thread leaving = new Thread(
        () -> {
          thread.close();
          replica.leave();
        },
        "systole-cluster-close");
    leaving.setDaemon(true);
    leaving.start();
    try {
      leaving.join(LEAVE_MS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (leaving.isAlive()) {
      log.notLeft(passedMs(beganNs));
    } else {
      log.left(passedMs(beganNs));
    }
  }
}
