// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.cluster.group.GroupView;
import io.systole.server.cluster.group.MemberId;
import io.systole.server.registry.Change;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.TimeUnit;

/**
 * The invariants of a cluster, verified against a model of each key: the leases that were promised,
 * the stamps that each member has held, and the content of the changes that were acknowledged.
 */
final class ClusterInvariants {
  /** The detection of failures, a merge, and a join. */
  static final long WHOLE_MAX_MS = 120_000;

  /** A round of digests, and their transfer at the slowest link. */
  static final long CONVERGED_MAX_MS = SimulatedMember.DIGEST_INTERVAL_MS + 10_000;

  /** Changes arrive by then at members that are connected. */
  private static final long IN_FLIGHT_MS = 5_000;

  private final SimulatedTime time;
  private final SimulatedCluster cluster;
  private final HistoryEvents events;
  private final Map<InstanceKey, KeyModel> models = new LinkedHashMap<>();
  private final LeaseNumbers numbers = new LeaseNumbers();

  /** Members that have completed. */
  private final Set<SimulatedMember> complete = new HashSet<>();

  /** Members with a new view since the last observation. */
  private final Set<SimulatedMember> viewsNew = new HashSet<>();

  ClusterInvariants(SimulatedTime time, SimulatedCluster cluster, HistoryEvents events) {
    this.time = time;
    this.cluster = cluster;
    this.events = events;
    cluster.network().onView(this::beforeView);
  }

  /** Records the leases that a member must extend, because their renewer departs. */
  private void beforeView(SimulatedGroup group, GroupView next) {
    cluster.members().stream().filter(each -> each.group == group).forEach(member -> {
      observe(member);
      viewsNew.add(member);
      for (MemberId departed : group.view().members()) {
        if (!next.members().contains(departed) && !cluster.hasLeft(departed)) {
          models.values().stream()
              .filter(model -> MemberState.isRenewedAt(member, model.client.key, departed))
              .forEach(model -> {
                events.count("extended");
                model.extend(member, time.nowNs() + model.client.durationNs());
              });
        }
      }
    });
  }

  void watch(List<SimulatedClient> clients) {
    clients.forEach(client -> models.put(client.key, new KeyModel(client)));
  }

  private KeyModel modelOf(SimulatedClient client) {
    return Objects.requireNonNull(models.get(client.key));
  }

  // ---------------------------------------------------------------- acknowledged requests

  /** Records that a member has acknowledged a registration or renewal. */
  void acknowledged(SimulatedClient client, SimulatedMember member) {
    observe(member);
    changed(client, member);
    modelOf(client).promise(member, time.nowNs() + client.durationNs());
  }

  /** Records the content of a change that a member has acknowledged. */
  void changed(SimulatedClient client, SimulatedMember member) {
    KeyState state = MemberState.of(member, client.key);
    PersistedLease lease = MemberState.lease(member, client.key);
    if (state == null || !state.isLive() || lease == null) {
      throw new AssertionError(client + " is acknowledged and missing at " + member);
    }
    modelOf(client).issue(state, lease);
    modelOf(client).hold(member, state, time.nowMs());
  }

  /** Records that a member has acknowledged a cancel, or an operator's eviction. */
  void removed(SimulatedClient client, SimulatedMember member) {
    KeyState state = MemberState.of(member, client.key);
    if (state == null || state.isLive()) {
      throw new AssertionError(client + " is removed and not missing at " + member);
    }
    modelOf(client).remove(state);
    modelOf(client).hold(member, state, time.nowMs());
    observe(member);
  }

  /** Verifies that a member that does not have an instance has not promised to keep it. */
  void verifyMissing(SimulatedClient client, SimulatedMember member) {
    observe(member);
    if (modelOf(client).isWithinDuration(member, time.nowNs())) {
      throw new AssertionError("lease of " + client + " lost at " + member);
    }
  }

  // ---------------------------------------------------------------- at any time

  /** Verifies the changes since the last call. */
  void observe() {
    cluster.members().forEach(this::observe);
    viewsNew.clear();
  }

  private void observe(SimulatedMember member) {
    member.forEachNewChange(change -> observe(member, change));
  }

  private void observe(SimulatedMember member, Change change) {
    String kind = change.cause() + " by " + change.origin();
    events.count(kind);
    InstanceKey key = change.document().key();
    events.note(() -> kind + " of " + key.app() + "/" + key.id() + " at " + member + " status="
        + change.document().status() + " override=" + change.override() + " "
        + MemberState.of(member, key));
    if (change.cause() == Change.Cause.EVICTION
        && change.origin() == Origin.NODE
        && !viewsNew.contains(member)) {
      Objects.requireNonNull(models.get(key))
          .verifyEviction(member, change.atNs(), cluster.members());
    }
    if (change.isRemoval()) {
      Objects.requireNonNull(models.get(key)).verifyRemoval(member, change.atNs());
    }
  }

  /** Verifies what holds at any time. */
  void check() {
    observe();
    models.keySet().forEach(key -> {
      KeyModel model = Objects.requireNonNull(models.get(key));
      model.retain(cluster.members());
      for (SimulatedMember member : cluster.members()) {
        KeyState state = MemberState.of(member, key);
        model.hold(member, state, time.nowMs());
        numbers.observe(member, key, MemberState.leaseId(member, key), time.nowMs());
        boolean isMissing = state == null || !state.isLive();
        if (isMissing && model.isWithinDuration(member, time.nowNs())) {
          throw new AssertionError("lease of " + key + " lost at " + member);
        }
      }
    });
    cluster.members().forEach(MemberState::verifyBounds);
    cluster.members().stream()
        .filter(member -> member.isServing() && complete.add(member))
        .forEach(this::verifyComplete);
    numbers.retain(cluster.members());
  }

  /** Verifies that a member that has just joined has the leases that all others have. */
  private void verifyComplete(SimulatedMember joined) {
    List<SimulatedMember> others = cluster.members().stream()
        .filter(each -> each != joined
            && each.isServing()
            && each.group.view().number() == joined.group.view().number())
        .toList();
    if (others.isEmpty() || !joined.hasFirstView()) {
      return;
    }
    for (KeyModel model : models.values()) {
      boolean isHeld =
          others.stream().allMatch(each -> model.isHeldSince(each, time.nowMs() - IN_FLIGHT_MS));
      if (isHeld && MemberState.of(joined, model.client.key) == null) {
        throw new AssertionError(joined + " is complete without " + model.client);
      }
      events.add("joined with lease", isHeld ? 1 : 0);
    }
  }

  // ---------------------------------------------------------------- at rest

  /** Returns whether all members have the same leases, overrides, names and stamps. */
  boolean isConverged() {
    SimulatedMember first = cluster.members().get(0);
    return cluster.members().stream()
        .allMatch(member -> member == first || differences(first, member).length() == 0);
  }

  private StringJoiner differences(SimulatedMember first, SimulatedMember second) {
    StringJoiner differences = new StringJoiner("\n  ");
    differences.setEmptyValue("");
    for (InstanceKey key : models.keySet()) {
      String one = MemberState.describe(first, key);
      String other = MemberState.describe(second, key);
      if (!one.equals(other)) {
        differences.add(first + " " + one).add(second + " " + other);
      }
    }
    return differences;
  }

  String describeDifferences() {
    SimulatedMember first = cluster.members().get(0);
    StringJoiner all = new StringJoiner("\n  ", "\n  ", "");
    cluster.members().forEach(member -> all.merge(differences(first, member)));
    return all.toString();
  }

  String describeMembers() {
    StringJoiner all = new StringJoiner("\n  ", "\n  ", "");
    cluster
        .members()
        .forEach(member -> all.add(
            member + " complete=" + member.replica.isComplete() + " " + member.group.view()));
    return all.toString();
  }

  /** Verifies that what the members agree on is what was acknowledged with its stamp. */
  void verifyWinners() {
    check();
    for (KeyModel model : models.values()) {
      for (SimulatedMember member : cluster.members()) {
        KeyState state = MemberState.of(member, model.client.key);
        PersistedLease lease = MemberState.lease(member, model.client.key);
        if (state != null && state.isLive() && lease != null) {
          events.count(model.verifyIssued(state, lease) ? "winner verified" : "winner unknown");
        }
      }
    }
  }

  /** Verifies that the members have just the instances that are alive. */
  void verifyAlive() {
    for (KeyModel model : models.values()) {
      for (SimulatedMember member : cluster.members()) {
        boolean isPresent = MemberState.lease(member, model.client.key) != null;
        boolean isProtected = isPresent && cluster.isSelfPreserving();
        if (isPresent != model.client.isAlive && !isProtected) {
          throw new AssertionError(model.client + " is alive: " + model.client.isAlive
              + ", but present at " + member + ": " + isPresent);
        }
      }
    }
  }

  /** Verifies that all members have received each renewal of the last heartbeats. */
  void verifyRenewedEverywhere() {
    long underWayNs =
        TimeUnit.MILLISECONDS.toNanos(1_000 + 2 * cluster.network().delayMaxMs());
    for (KeyModel model : models.values()) {
      long renewedNs = model.lastPromiseNs() - model.client.durationNs();
      if (model.client.isAlive && renewedNs < time.nowNs() - underWayNs) {
        for (SimulatedMember member : cluster.members()) {
          LeaseDeadline deadline = member.registry.expiry().deadline(model.client.key);
          if (deadline == null || deadline.deadlineNs() < model.lastPromiseNs()) {
            throw new AssertionError("renewal of " + model.client + " not known at " + member);
          }
        }
      }
    }
  }

  /** Returns the number of differences that digests have shown so far. */
  long bucketsDiffering() {
    return cluster.members().stream()
        .mapToLong(member -> member.replica.counters().bucketsDiffering())
        .sum();
  }

  void addCounters() {
    for (SimulatedMember member : cluster.members()) {
      MemberState.addCounters(member, events);
    }
  }
}
