// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.time.Clock;
import io.systole.server.cluster.group.Group;
import io.systole.server.cluster.group.GroupListener;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.MalformedMessageException;
import io.systole.server.cluster.message.Message;
import io.systole.server.cluster.message.Message.Beat;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Drain;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.Message.Push;
import io.systole.server.cluster.message.Message.Records;
import io.systole.server.cluster.message.MessageDecoder;
import io.systole.server.cluster.message.UnsupportedVersionException;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import java.io.IOException;
import java.util.BitSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * This node as a member of the native cluster: replicates its registry to the other members, and
 * merges theirs.
 */
public final class Replica implements GroupListener {
  /*
   * Three kinds of threads:
   *
   *     threads of the group        onView, onMessage    change the registry and ReplicaState
   *     threads that change leases  onChange             stamp the change, in a listener
   *     ReplicaThread               tick                 sends all messages but responses
   *     ReplicaThread, another      respond              sends responses, for which it may wait
   *
   * ReplicaState is guarded by the registry's monitor, so that a change and its stamp are made
   * together. The monitor is held for a bounded number of slots or records at a time.
   */

  private final Registry registry;
  private final Group group;
  private final Supplier<String> url;
  private final ReplicaState state;
  private final LocalChanges localChanges;
  private final MemberReceiver receiver;
  private final BeatReceiver beatReceiver;
  private final MemberSender sender;
  private final MessageDecoder decoder;
  private final MessageFailures failures;
  private final ReplicaCounters counters = new ReplicaCounters();
  private final CompletableFuture<Void> completion = new CompletableFuture<>();
  private volatile Runnable wake = () -> {};

  /** True from a wake-up to the start of the next tick. A race makes one tick too many. */
  private volatile boolean isWoken;

  /**
   * Creates a member that has not joined yet. Leases restored from its journal are in the registry
   * already, or are restored before it joins.
   *
   * @param build the version of this node's software, which other members log
   * @param url returns the service URL of this node for clients; may be empty
   */
  public Replica(
      ReplicaSettings settings,
      Group group,
      Registry registry,
      Clock clock,
      String build,
      Supplier<String> url) {
    this.registry = registry;
    this.group = group;
    this.url = url;
    this.state = new ReplicaState(settings, group.self().epoch(), registry, clock, counters);
    this.localChanges = new LocalChanges(state);
    RecordSource source = new RecordSource(state);
    Membership membership = new Membership(group.self(), settings.protocolMax());
    this.receiver =
        new MemberReceiver(state, membership, new RecordMerger(state, localChanges), source);
    this.beatReceiver = new BeatReceiver(state);
    this.sender = new MemberSender(state, receiver, source, group, build, url);
    this.decoder = new MessageDecoder(settings.protocolMax());
    this.failures = new MessageFailures(clock);
    registry.changes().onAppend(this::onChange);
  }

  private void onChange() {
    if (localChanges.add(registry.changes().last())) {
      wake();
    }
  }

  private void wake() {
    if (!isWoken) {
      isWoken = true;
      wake.run();
    }
  }

  // ---------------------------------------------------------------- lifecycle

  /**
   * Joins the group. Blocks for a bounded time; the registry of the cluster arrives afterwards, see
   * {@link #completion}.
   *
   * @throws IOException if the group can't be joined
   */
  public void join() throws IOException {
    BitSet present = new BitSet();
    registry.forEachSlot((slot, instance, isChangedHere, isOutdated) -> present.set(slot));
    for (int from = 0; from < present.length(); from += ReplicaState.SLOT_BATCH_MAX) {
      int start = from;
      state.atomically(() -> stampRestored(present, start, start + ReplicaState.SLOT_BATCH_MAX));
    }
    group.join(this);
  }

  /** Stamps leases that were in the registry before this member was created. */
  private void stampRestored(BitSet present, int from, int to) {
    for (int slot = present.nextSetBit(from); slot >= 0 && slot < to; ) {
      PersistedLease lease = registry.replicated().at(slot);
      if (lease != null) {
        localChanges.restore(slot, lease.instance(), lease.override());
      }
      slot = present.nextSetBit(slot + 1);
    }
  }

  /** Returns whether others load the leases from this member and can from no other. Any thread. */
  public boolean isOnlyDonor() {
    return receiver.membership.view().isOnlyDonor();
  }

  /**
   * Makes {@link #status} show this member as draining. Until {@link #leave} it works as before,
   * and other members may load the leases from it. Any thread.
   */
  public void showDraining() {
    state.atomically(receiver.membership::setStopping);
  }

  /**
   * Sends the last changes and renewals, announces that this member leaves, and leaves the group.
   * To be called after the last {@link #tick}.
   */
  public void leave() {
    sender.leave();
    group.close();
  }

  /**
   * Sends all messages that are due. Confined to one thread; may block while receivers are behind.
   *
   * @return the time until the next call is due, nanoseconds
   */
  public long tick() {
    isWoken = false;
    receiver.update();
    if (receiver.isComplete()) {
      completion.complete(null);
    }
    return sender.send();
  }

  /** Sets an action to run, on any thread, when {@link #tick} must be called before it is due. */
  public void onWork(Runnable action) {
    wake = action;
  }

  /**
   * Sends a part of what other members request; returns whether there was any. Confined to one
   * thread, not that of {@link #tick}: blocks while the receiver is behind, but in the view.
   */
  public boolean respond() {
    return receiver.responses.sendOne(receiver.membership.protocolVersion(), group::send);
  }

  /** Sets an action to be run, by any thread, when there is something for {@link #respond}. */
  public void onRequest(Runnable action) {
    receiver.responses.onRequest(action);
  }

  /** Returns whether this member holds the registry of the cluster. */
  public boolean isComplete() {
    return receiver.isComplete();
  }

  /**
   * Returns a future that completes when this member holds the registry of the cluster, or
   * exceptionally if it and an older member have no version of the protocol in common.
   */
  public CompletableFuture<Void> completion() {
    return completion;
  }

  // ---------------------------------------------------------------- renewals

  /**
   * Adds leases renewed at this node. Any thread.
   *
   * @param words the words of a bit set of slots; not changed afterwards
   * @param isByPeers whether stock peers sent the renewals, not clients
   */
  public void addRenewed(long[] words, boolean isByPeers) {
    sender.addRenewed(words, isByPeers);
  }

  /** Sets the listener of slots renewed by clients at other members, as words of a bit set. */
  public void onRenewedByMembers(Consumer<long[]> listener) {
    beatReceiver.onRenewed(listener);
  }

  // ---------------------------------------------------------------- state

  /** Returns whether this member evicts the lease of the slot when it has expired. Any thread. */
  public boolean isResponsible(int slot) {
    if (receiver.crashedMembers.isPending()) {
      return false;
    }
    ClusterView view = receiver.membership.view();
    return registry.atomically(() -> {
      ClusterLeases leases = state.leases;
      return view.number() == 0
          || !leases.isKnown(slot)
          || view.isResponsible(
              leases.owners.epoch(leases.stamps.owner(slot)), leases.stamps.keyHash(slot));
    });
  }

  /** Returns the time for which renewals of an expired lease may still be in flight. Any thread. */
  public long evictionSlackNs() {
    return TimeUnit.MILLISECONDS.toNanos(state.slackMs());
  }

  /** Returns whether this member is the one that replicates to a stock peer. Any thread. */
  public boolean isGateway(String peer) {
    return receiver.membership.view().isGateway(peer);
  }

  /** Returns the current state. Any thread. */
  public ClusterStatus status() {
    String ownUrl = url.get();
    return registry.atomically(() -> {
      ClusterView view = receiver.membership.view();
      return new ClusterStatus(
          receiver.isComplete(),
          receiver.membership.protocolVersion(),
          view.number(),
          view.sinceMs(),
          receiver.membership.describe(ownUrl),
          state.leases.owners.leaseCount(state.leases.self()),
          state.tombstones.size());
    });
  }

  /** Returns the counters. */
  public ReplicaCounters counters() {
    return counters;
  }

  /** Returns the state, for tests. */
  ReplicaState state() {
    return state;
  }

  /** Returns the handler of views and messages, for tests. */
  MemberReceiver receiver() {
    return receiver;
  }

  // ---------------------------------------------------------------- group

  @Override
  public void onView(GroupView view) {
    receiver.receive(view);
    wake();
  }

  @Override
  public void onMessage(MemberId member, byte[] bytes, int from, int length) {
    ClusterView.Entry known = receiver.membership.view().find(member.epoch());
    try {
      Message message = decoder.decode(bytes, from, length);
      if (message instanceof Hello || known == null || known.isCompatible()) {
        counters.addReceived(message, length);
        dispatch(member, message);
      }
    } catch (MalformedMessageException | UnsupportedVersionException failure) {
      counters.malformedMessages.increment();
      failures.log(member, failure);
    }
  }

  private void dispatch(MemberId member, Message message) throws MalformedMessageException {
    if (message instanceof Beat beat) {
      beatReceiver.receive(member.epoch(), beat.numbers(), state.clock.monotonicNs());
      state.atomically(() -> receiver.membership.addBeat(member, state.clock.wallMs()));
      return;
    }
    if (message instanceof Records records) {
      receiver.merge(records.records());
    } else if (message instanceof Hello hello) {
      String refusal = receiver.receive(member, hello);
      if (refusal != null) {
        completion.completeExceptionally(new IOException(refusal));
      }
    } else if (message instanceof Digest digest) {
      receiver.receive(member, digest);
    } else if (message instanceof Pull pull) {
      receiver.receive(member, pull);
    } else if (message instanceof Push push) {
      receiver.receive(member, push);
    } else if (message instanceof Drain) {
      state.atomically(() -> receiver.membership.addDrain(member));
    } else {
      counters.unknownKinds.increment();
      return;
    }
    wake();
  }
}
