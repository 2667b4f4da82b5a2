// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.time.Clock;
import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.group.GroupListener;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** A member of the native cluster: keeps its registry equal to those of the other members. */
public final class Replica implements GroupListener {
  private final ReplicaSettings settings;
  private final Group group;
  private final Registry registry;
  private final Clock clock;
  private final Supplier<String> url;
  private final ReplicaCounters counters = new ReplicaCounters();
  private final CompletableFuture<Void> completion = new CompletableFuture<>();
  private volatile Runnable wake = () -> {};
  private volatile Consumer<long[]> renewedByMembers = words -> {};

  /**
   * Creates a member that has not joined yet. Leases restored from its journal are in the registry
   * already.
   *
   * @param url returns the service URL of this node for clients; may be empty
   */
  public Replica(
      ReplicaSettings settings,
      Group group,
      Registry registry,
      Clock clock,
      Supplier<String> url) {
    this.settings = settings;
    this.group = group;
    this.registry = registry;
    this.clock = clock;
    this.url = url;
  }

  /**
   * Joins the group. Blocks for a bounded time; the registry of the cluster arrives afterwards, see
   * {@link #completion}.
   *
   * @throws IOException if the group can't be joined
   */
  public void join() throws IOException {
    group.join(this);
  }

  /** Sends what is due, announces the departure and leaves the group; nothing calls it then. */
  public void leave() {
    group.close();
  }

  /**
   * Sends what is due. Confined to one thread; may block while receivers are behind.
   *
   * @return the time until the next call is due, nanoseconds
   */
  public long tick() {
    return settings.windowMs() * 1_000_000;
  }

  /** Sets an action to be run, by any thread, when a call of {@link #tick} is due earlier. */
  public void onWork(Runnable action) {
    wake = action;
  }

  /** Returns whether this member holds the registry of the cluster. */
  public boolean isComplete() {
    return completion.isDone() && !completion.isCompletedExceptionally();
  }

  /**
   * Returns a future that ends when this member holds the registry of the cluster; exceptionally if
   * the members don't share a version of the protocol.
   */
  public CompletableFuture<Void> completion() {
    return completion;
  }

  /**
   * Adds leases renewed at this node. Any thread.
   *
   * @param words of a bit set of slots; not changed afterwards
   * @param isByPeers whether stock peers sent the renewals, not clients
   */
  public void addRenewed(long[] words, boolean isByPeers) {
    wake.run();
  }

  /**
   * Sets the receiver of leases renewed at other members by clients, as words of a bit set of slots.
   */
  public void onRenewedByMembers(Consumer<long[]> receiver) {
    renewedByMembers = receiver;
  }

  /** Returns whether this member evicts the lease of the slot when it has expired. Any thread. */
  public boolean isResponsible(int slot) {
    return true;
  }

  /** Returns whether this member, of those that are complete, sends to a stock peer. Any thread. */
  public boolean isGateway(String peer) {
    return true;
  }

  /** Returns the current state. Any thread. */
  public ClusterStatus status() {
    return new ClusterStatus(
        isComplete(), settings.protocolMax(), 0, 0, List.of(), registry.leaseCount(), 0);
  }

  /** Returns the counters. */
  public ReplicaCounters counters() {
    return counters;
  }

  @Override
  public void onView(GroupView view) {
    renewedByMembers.accept(new long[0]);
    wake.run();
  }

  @Override
  public void onMessage(MemberId sender, byte[] bytes, int from, int length) {
    counters.unknownKinds.increment();
  }

  long nowNs() {
    return clock.monotonicNs();
  }

  String url() {
    return url.get();
  }
}
