// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.EscapedText;
import io.systole.server.cluster.RecordMerger.Outcome;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.cluster.message.ClusterRecord;
import io.systole.server.cluster.message.Message.Digest;
import io.systole.server.cluster.message.Message.Hello;
import io.systole.server.cluster.message.Message.Pull;
import io.systole.server.cluster.message.Message.Push;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The handler of views and of the reliable messages of other members. It queues the messages that
 * they require, for {@link MemberSender}. Thread-safe.
 */
final class MemberReceiver {
  private static final Logger LOG = LoggerFactory.getLogger(MemberReceiver.class);

  /** The maximum number of records merged while the monitor is held once. */
  private static final int RECORD_BATCH_MAX = 64;

  /**
   * The delay of the digest that is sent after a member has left, since the last changes of that
   * member may have reached only some of the others. A digest does not reveal changes younger than
   * {@link AntiEntropy#IN_FLIGHT_MS}, so it is sent after that time.
   */
  private static final long AFTER_LEAVE_NS =
      TimeUnit.MILLISECONDS.toNanos(AntiEntropy.IN_FLIGHT_MS + 1_000);

  final Membership membership;
  final PullRequests requests = new PullRequests();
  final PullResponses responses;
  final AntiEntropy antiEntropy;
  final CrashedMembers crashedMembers;
  private final ReplicaState state;
  private final RecordMerger merger;

  /** Null once this member is complete. Guarded by the registry's monitor. */
  private @Nullable InitialLoad initialLoad;

  /** Set by threads of the group and that of the ticks, which clears it. */
  private volatile boolean isHelloDue;

  private volatile boolean isDigestDue;

  /**
   * Whether a member has left or crashed, at {@link #memberLeftNs}, and the digest after that is
   * not due yet. Guarded by the registry's monitor.
   */
  private boolean hasMemberLeft;

  /** Monotonic. Guarded by the registry's monitor. */
  private long memberLeftNs;

  MemberReceiver(
      ReplicaState state, Membership membership, RecordMerger merger, RecordSource source) {
    this.state = state;
    this.membership = membership;
    this.merger = merger;
    this.responses = new PullResponses(state, source);
    this.antiEntropy = new AntiEntropy(state, requests);
    this.crashedMembers = new CrashedMembers(state, membership);
    this.initialLoad = new InitialLoad(membership, requests);
    state.registry.replicated().setLoading(true);
  }

  // ---------------------------------------------------------------- views

  void receive(GroupView view) {
    LOG.debug(
        "view number={} merge={} members={}",
        view.number(),
        view.isMerge(),
        view.members().stream().map(each -> EscapedText.token(each.name())).toList());
    state.atomically(() -> replaceView(view));
  }

  private void replaceView(GroupView view) {
    List<MemberId> before = membership.members();
    Set<MemberId> members = new HashSet<>(view.members());
    List<MemberId> crashed = membership.replaceView(view, state.clock.wallMs());
    OwnerTable owners = state.leases.owners;
    members.forEach(member -> owners.setInView(owners.findOrAdd(member.epoch()), true));
    for (MemberId member : before) {
      int index = owners.find(member.epoch());
      if (!members.contains(member)) {
        hasMemberLeft = true;
        memberLeftNs = state.clock.monotonicNs();
      }
      if (crashed.contains(member)) {
        crashedMembers.add(index, state.clock.monotonicNs());
      } else if (!members.contains(member)) {
        owners.setInView(index, false);
      }
    }
    requests.removeIf(member -> !members.contains(member));
    if (initialLoad != null) {
      initialLoad.replaceView(members);
    }
    responses.retain(members);
    antiEntropy.replaceView(members, view.isMerge());
    isHelloDue = true;
    isDigestDue |= view.isMerge();
  }

  /**
   * Stores the HELLO of a member.
   *
   * @return the reason why this member must leave the group, or null
   */
  @Nullable
  String receive(MemberId member, Hello hello) {
    return state.registry.atomically(() -> {
      ClusterView.Entry before = membership.view().find(member.epoch());
      // A member that was complete before it joined this view may have other leases.
      isDigestDue |= hello.isComplete() && (before == null || !before.isComplete());
      return membership.addHello(member, hello);
    });
  }

  // ---------------------------------------------------------------- records

  /** Merges records; returns whether the registry refused one. */
  boolean merge(List<ClusterRecord> records) {
    boolean isRefused = false;
    for (int from = 0; from < records.size(); from += RECORD_BATCH_MAX) {
      List<ClusterRecord> part =
          records.subList(from, Math.min(records.size(), from + RECORD_BATCH_MAX));
      isRefused |= state.registry.atomically(() -> mergeBatch(part));
    }
    return isRefused;
  }

  private boolean mergeBatch(List<ClusterRecord> records) {
    long nowNs = state.clock.monotonicNs();
    boolean isRefused = false;
    for (ClusterRecord record : records) {
      isRefused |= merger.merge(record, nowNs) == Outcome.REFUSED;
    }
    return isRefused;
  }

  void receive(MemberId member, Push push) {
    boolean isRefused = merge(push.records());
    state.atomically(() -> {
      long nowNs = state.clock.monotonicNs();
      PullRequests.Request request =
          requests.addPart(member, push.requestId(), isRefused, push.isLast(), nowNs);
      if (request != null && push.isLast() && initialLoad != null) {
        initialLoad.add(request, nowNs);
      }
    });
  }

  void receive(MemberId member, Pull pull) {
    state.atomically(() -> responses.add(member, pull));
  }

  void receive(MemberId member, Digest digest) {
    state.counters.digestsReceived.increment();
    state.atomically(() -> {
      // The initial load requests every bucket anyway.
      if (initialLoad == null && membership.members().contains(member)) {
        antiEntropy.compare(member, digest);
      }
    });
  }

  // ---------------------------------------------------------------- due

  /** Drops requests that have timed out, and continues the initial load. */
  void update() {
    state.atomically(() -> {
      long nowNs = state.clock.monotonicNs();
      state.tombstones.expire(nowNs);
      if (hasMemberLeft && nowNs - memberLeftNs >= AFTER_LEAVE_NS) {
        hasMemberLeft = false;
        isDigestDue = true;
      }
      List<PullRequests.Request> timedOut = requests.removeTimedOut(nowNs);
      if (initialLoad != null) {
        timedOut.forEach(each -> initialLoad.giveUp(each.source().member()));
        initialLoad.update(nowNs);
        if (initialLoad.isDone()) {
          initialLoad = null;
          state.registry.replicated().setLoading(false);
          requests.removeIf(any -> true);
          membership.setComplete();
          isHelloDue = true;
          isDigestDue = true;
        }
      }
    });
  }

  /** Returns whether this member holds all leases of the cluster. Any thread. */
  boolean isComplete() {
    ClusterView.Entry self = membership.self();
    return self != null && self.isComplete();
  }

  /** Removes and returns the next request to send, or null. */
  @Nullable
  Outgoing takeRequest() {
    return state.registry.atomically(() -> {
      PullRequests.Source next = requests.takeQueued();
      while (next != null && initialLoad == null && antiEntropy.isConverged(next)) {
        next = requests.takeQueued();
      }
      if (next == null) {
        return null;
      }
      long id = requests.begin(next, state.clock.monotonicNs());
      return new Outgoing(next.member(), antiEntropy.pull(id, next.bucket()));
    });
  }

  /** A request and the member to which it is sent. */
  record Outgoing(MemberId receiver, Pull pull) {}

  /** Returns whether a HELLO is due, and resets that. */
  boolean takeHelloDue() {
    boolean isDue = isHelloDue;
    if (isDue) {
      // Not if it was false: a HELLO that became due since the read would be lost. One that becomes
      // due between the read and this write is covered, since the message is built later.
      isHelloDue = false;
    }
    return isDue;
  }

  /** Returns whether a digest is due, and resets that. */
  boolean takeDigestDue() {
    boolean isDue = isDigestDue && isComplete();
    if (isDue) {
      isDigestDue = false;
    }
    return isDue;
  }

  /** Makes a digest due, and a HELLO for members that did not receive the last one. */
  void setDue() {
    setHelloDue();
    setDigestDue();
  }

  void setHelloDue() {
    isHelloDue = true;
  }

  void setDigestDue() {
    isDigestDue = true;
  }
}
