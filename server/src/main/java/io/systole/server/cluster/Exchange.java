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
 * Receives the views and the reliable messages of other members; what they require to be sent is
 * queued. Thread-safe.
 */
final class Exchange {
  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /** Records merged in one section that holds the monitor; each is a change of the registry. */
  private static final int SECTION_RECORDS = 64;

  /**
   * The last changes of a member that has left may have reached only some of the others. They are
   * compared when they are old enough not to be taken for ones under way.
   */
  private static final long AFTER_DEPARTURE_NS =
      TimeUnit.MILLISECONDS.toNanos(AntiEntropy.UNDER_WAY_MS + 1_000);

  final Membership membership;
  final PullRequests requests = new PullRequests();
  final PullResponses responses;
  final AntiEntropy antiEntropy;
  final Departures departures;
  private final ReplicaState state;
  private final RecordMerger merger;

  /** The first load; null once this member is complete. Guarded by the registry's monitor. */
  private @Nullable Join join;

  /** Set by threads of the group and that of the ticks, which clears it. */
  private volatile boolean isHelloDue;

  private volatile boolean isDigestDue;

  /** Whether a digest is to follow a departure, at {@link #departedNs}. Guarded by the monitor. */
  private boolean hasDeparted;

  private long departedNs;

  Exchange(ReplicaState state, Membership membership, RecordMerger merger, RecordSource source) {
    this.state = state;
    this.membership = membership;
    this.merger = merger;
    this.responses = new PullResponses(state, source);
    this.antiEntropy = new AntiEntropy(state, requests);
    this.departures = new Departures(state, membership);
    this.join = new Join(membership, requests);
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
        hasDeparted = true;
        departedNs = state.clock.monotonicNs();
      }
      if (crashed.contains(member)) {
        departures.add(index, state.clock.monotonicNs());
      } else if (!members.contains(member)) {
        owners.setInView(index, false);
      }
    }
    requests.removeIf(member -> !members.contains(member));
    if (join != null) {
      join.replaceView(members);
    }
    responses.retain(members);
    antiEntropy.replaceView(members, view.isMerge());
    isHelloDue = true;
    isDigestDue |= view.isMerge();
  }

  /**
   * Stores what a member has sent about itself.
   *
   * @return the reason why this member can't stay, or null
   */
  @Nullable
  String receive(MemberId member, Hello hello) {
    return state.registry.atomically(() -> {
      ClusterView.Entry before = membership.view().find(member.epoch());
      // Its leases may differ if it was complete before it came into the view.
      isDigestDue |= hello.isComplete() && (before == null || !before.isComplete());
      return membership.addHello(member, hello);
    });
  }

  // ---------------------------------------------------------------- records

  /** Merges records; returns whether the registry refused one. */
  boolean merge(List<ClusterRecord> records) {
    boolean isRefused = false;
    for (int from = 0; from < records.size(); from += SECTION_RECORDS) {
      List<ClusterRecord> part =
          records.subList(from, Math.min(records.size(), from + SECTION_RECORDS));
      isRefused |= state.registry.atomically(() -> mergeSection(part));
    }
    return isRefused;
  }

  private boolean mergeSection(List<ClusterRecord> records) {
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
      if (request != null && push.isLast() && join != null) {
        join.add(request, nowNs);
      }
    });
  }

  void receive(MemberId member, Pull pull) {
    state.atomically(() -> responses.add(member, pull));
  }

  void receive(MemberId member, Digest digest) {
    state.counters.digestsReceived.increment();
    state.atomically(() -> {
      // Until then every bucket is requested anyway.
      if (join == null && membership.members().contains(member)) {
        antiEntropy.compare(member, digest);
      }
    });
  }

  // ---------------------------------------------------------------- due

  /** Gives up requests without a response, and continues the first load. */
  void update() {
    state.atomically(() -> {
      long nowNs = state.clock.monotonicNs();
      state.tombstones.expire(nowNs);
      if (hasDeparted && nowNs - departedNs >= AFTER_DEPARTURE_NS) {
        hasDeparted = false;
        isDigestDue = true;
      }
      List<PullRequests.Request> overdue = requests.removeOverdue(nowNs);
      if (join != null) {
        overdue.forEach(each -> join.giveUp(each.source().member()));
        join.update(nowNs);
        if (join.isDone()) {
          join = null;
          requests.removeIf(any -> true);
          membership.setComplete();
          isHelloDue = true;
          isDigestDue = true;
        }
      }
    });
  }

  /** Returns whether this member holds the leases of the cluster. Any thread. */
  boolean isComplete() {
    ClusterView.Entry self = membership.self();
    return self != null && self.isComplete();
  }

  /** Returns the next request to be sent, or null. */
  @Nullable
  Outgoing takeRequest() {
    return state.registry.atomically(() -> {
      PullRequests.Source next = requests.takeQueued();
      while (next != null && join == null && antiEntropy.isSettled(next)) {
        next = requests.takeQueued();
      }
      if (next == null) {
        return null;
      }
      long id = requests.begin(next, state.clock.monotonicNs());
      return new Outgoing(next.member(), antiEntropy.pull(id, next.bucket()));
    });
  }

  /** A request and the member that it is for. */
  record Outgoing(MemberId receiver, Pull pull) {}

  /** Returns whether a HELLO is due, which is not any more. */
  boolean takeHelloDue() {
    boolean isDue = isHelloDue;
    if (isDue) {
      // Only then: a request made since the read must not be lost. The message has its state too.
      isHelloDue = false;
    }
    return isDue;
  }

  /** Returns whether a digest is due at once, which is not any more. */
  boolean takeDigestDue() {
    boolean isDue = isDigestDue && isComplete();
    if (isDue) {
      isDigestDue = false;
    }
    return isDue;
  }

  /** Makes a digest due, and a HELLO for members that have missed the last one. */
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
