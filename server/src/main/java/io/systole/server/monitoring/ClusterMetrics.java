// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.systole.protocol.time.Clock;
import io.systole.server.cluster.ClusterStatus;
import io.systole.server.cluster.ClusterStatus.Member;
import io.systole.server.cluster.ReplicaCounters;
import io.systole.server.cluster.group.MemberId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Publishes the state of the native cluster and the messages between its members. */
public final class ClusterMetrics {
  private final MeterRegistry meters;
  private final Clock clock;
  private final Supplier<ClusterStatus> status;

  /** The meters of the other members of the view. */
  private final List<Meter> ofMembers = new ArrayList<>();

  /** @param status returns the current state */
  public ClusterMetrics(MeterRegistry meters, Clock clock, Supplier<ClusterStatus> status) {
    this.meters = meters;
    this.clock = clock;
    this.status = status;
  }

  /** Binds all metrics but those of single members. */
  public void bind(ReplicaCounters counters) {
    gauge("view", "Number of the current view of the members", ClusterStatus::viewNumber);
    gauge("members", "Members of the view, with this one", s -> s.members().size());
    gauge(
        "complete",
        "1 if this member holds the registry of the cluster",
        s -> s.isComplete() ? 1 : 0);
    gauge(
        "protocol",
        "Version of the protocol that all members of the view understand",
        ClusterStatus::protocolVersion);
    gauge(
        "leases.owned",
        "Leases whose last change this member accepted",
        ClusterStatus::leasesOwned);
    gauge("tombstones", "Remembered removals", ClusterStatus::tombstones);
    bindRenewals(counters);
    bindRecords(counters);
    bindComparisons(counters);
  }

  private void bindRenewals(ReplicaCounters counters) {
    count(counters, "beats.sent", "Messages with renewals sent", ReplicaCounters::beatsSent);
    count(
        counters,
        "beats.received",
        "Messages with renewals received",
        ReplicaCounters::beatsReceived);
    bytes(counters, "sent", "beats", ReplicaCounters::beatBytesSent);
    bytes(counters, "sent", "records", ReplicaCounters::recordBytesSent);
    bytes(counters, "received", "beats", ReplicaCounters::beatBytesReceived);
    bytes(counters, "received", "records", ReplicaCounters::recordBytesReceived);
    count(counters, "renewals.sent", "Renewals sent", ReplicaCounters::renewalsSent);
    count(
        counters,
        "renewals.received",
        "Renewals received that renewed a lease",
        ReplicaCounters::renewalsReceived);
    count(
        counters,
        "renewals.unknown",
        "Renewals received for leases that are unknown here",
        ReplicaCounters::unknownNumbers);
  }

  private void bindRecords(ReplicaCounters counters) {
    count(counters, "records.sent", "Changes sent as they were made", ReplicaCounters::recordsSent);
    count(
        counters,
        "records.pushed",
        "Records sent to members that lacked them",
        ReplicaCounters::recordsPushed);
    count(
        counters,
        "records.too.large",
        "Records left out because a message can't hold them",
        ReplicaCounters::recordsTooLarge);
    count(
        counters,
        "send.failures",
        "Messages that could not be sent; what they contain is sent or requested again",
        ReplicaCounters::sendFailures);
    count(counters, "records.received", "Records received", ReplicaCounters::recordsReceived);
    count(
        counters,
        "records.applied",
        "Records received that changed something here",
        ReplicaCounters::recordsApplied);
    count(
        counters,
        "records.refused",
        "Records received that the registry had no space for",
        ReplicaCounters::recordsRefused);
    count(
        counters,
        "reassertions",
        "Evictions by other members that a lease renewed here undid",
        ReplicaCounters::reassertions);
  }

  private void bindComparisons(ReplicaCounters counters) {
    count(counters, "digests.received", "Digests received", ReplicaCounters::digestsReceived);
    count(
        counters,
        "buckets.differing",
        "Buckets that differed from a received digest",
        ReplicaCounters::bucketsDiffering);
    count(counters, "pulls", "Buckets requested from another member", ReplicaCounters::pullsSent);
    count(
        counters,
        "messages.malformed",
        "Messages that could not be decoded",
        ReplicaCounters::malformedMessages);
    count(
        counters,
        "messages.unknown",
        "Messages of a kind that this version does not have",
        ReplicaCounters::unknownKinds);
  }

  /** Publishes the members of the current view instead of those of a former one. */
  public synchronized void updateMembers() {
    // First, as a restarted member has the name of the former one.
    ofMembers.forEach(meters::remove);
    ofMembers.clear();
    status.get().members().stream()
        .filter(member -> !member.isSelf())
        .forEach(member -> ofMembers.add(bind(member.id())));
  }

  private Meter bind(MemberId id) {
    return TimeGauge.builder(
            "systole.cluster.member.beat.age", () -> beatAgeMs(id), TimeUnit.MILLISECONDS)
        .tag("member", id.name())
        .description("Time since the last renewals of a member arrived, NaN before the first")
        .register(meters);
  }

  private double beatAgeMs(MemberId id) {
    long lastMs = status.get().members().stream()
        .filter(member -> member.id().equals(id))
        .mapToLong(Member::lastBeatMs)
        .findFirst()
        .orElse(0);
    return lastMs == 0 ? Double.NaN : Math.max(0, clock.wallMs() - lastMs);
  }

  private void gauge(String name, String what, ToDoubleFunction<ClusterStatus> value) {
    Gauge.builder("systole.cluster." + name, status, s -> value.applyAsDouble(s.get()))
        .description(what)
        .strongReference(true)
        .register(meters);
  }

  private void bytes(
      ReplicaCounters counters, String name, String kind, ToDoubleFunction<ReplicaCounters> value) {
    FunctionCounter.builder("systole.cluster." + name, counters, value)
        .baseUnit("bytes")
        .tag("kind", kind)
        .description("Bytes of messages with renewals, and of those with changes")
        .register(meters);
  }

  private void count(
      ReplicaCounters counters, String name, String what, ToDoubleFunction<ReplicaCounters> value) {
    FunctionCounter.builder("systole.cluster." + name, counters, value)
        .description(what)
        .register(meters);
  }
}
