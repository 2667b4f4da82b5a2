// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionSettings;
import io.systole.server.eviction.Evictor;
import io.systole.server.eviction.ProtectionRule;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Change;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewalRate;
import io.systole.server.registry.RenewedSlots;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** A member with a real registry, evictor and replica, without threads and sockets. */
final class SimulatedMember {
  static final int LEASES_MAX = 1_000;

  /** Not less than twice the longest lease, and short enough that tombstones end in a history. */
  static final long TOMBSTONE_MS = 240_000;

  static final int TOMBSTONES_MAX = 1_000;
  private static final long WINDOW_MS = 500;
  static final long DIGEST_INTERVAL_MS = 30_000;
  private static final long EVICTION_INTERVAL_MS = 7_000;
  private static final long NOT_DUE = Long.MAX_VALUE;

  final String name;
  final SimulatedGroup group;
  final SimulatedTime.SkewedClock clock;
  final Registry registry;
  final Replica replica;
  private final SimulatedTime time;
  private final SplittableRandom random;
  private final Evictor evictor;
  private final RenewalRate rate;
  private final RenewedSlots renewed = new RenewedSlots();
  private Change lastSeen;
  /** Sent at one time of the simulation. */
  private static final int RESPONSES_MAX = 8;

  private long tickDueMs = NOT_DUE;
  private long firstView;

  /**
   * @param journal the leases that it restores
   * @param isStrict whether a renewal extends a lease by one duration instead of two
   */
  SimulatedMember(
      SimulatedGroup group,
      SimulatedTime time,
      SplittableRandom random,
      long clockOffsetMs,
      List<PersistedLease> journal,
      int protocolMax,
      EvictionRules rules,
      boolean isStrict) {
    this.name = group.self().name();
    this.group = group;
    this.time = time;
    this.random = random;
    this.clock = time.new SkewedClock(clockOffsetMs);
    LeaseRules leaseRules = new LeaseRules(isStrict, 1, 0, 1);
    this.registry = new Registry(
        new RegistrySettings(LEASES_MAX, true, 180_000, 1_000, leaseRules, ByteBounds.NONE), clock);
    this.lastSeen = registry.changes().last();
    registry.restore(journal);
    this.rate = new RenewalRate(registry.renewal()::clusterCount);
    this.evictor = new Evictor(
        registry, rate, clock, new EvictionSettings(EVICTION_INTERVAL_MS, 900_000, 10, rules));
    this.replica = new Replica(
        new ReplicaSettings(
            WINDOW_MS, DIGEST_INTERVAL_MS, TOMBSTONE_MS, TOMBSTONES_MAX, protocolMax),
        group,
        registry,
        clock,
        "9",
        () -> "http://" + name + "/eureka/");
    evictor.evictIf(deadline -> replica.isResponsible(deadline.slot()));
    evictor.evictAfter(replica::evictionSlackNs);
    replica.onWork(() -> tickAt(time.nowMs() + random.nextInt(3)));
    replica.onRequest(() -> tickAt(time.nowMs() + random.nextInt(3)));
  }

  /** Joins, and starts the timers. */
  void start() {
    try {
      replica.join();
    } catch (IOException impossible) {
      throw new AssertionError(impossible);
    }
    firstView = group.view().number();
    repeat(Evictor.TICK_MS, evictor::detectStalls);
    repeat(Evictor.TICK_MS, evictor::tick);
    repeat(EVICTION_INTERVAL_MS, evictor);
    repeat(RenewalRate.MINUTE_MS, rate::endMinute);
    tickAt(time.nowMs());
  }

  /** Returns whether it still has the view that it joined with. */
  boolean hasFirstView() {
    return group.view().number() == firstView;
  }

  boolean isRunning() {
    return !group.isFrozen() && !group.isDown();
  }

  /** Returns whether clients may use the member. */
  boolean isServing() {
    return isRunning() && replica.isComplete();
  }

  // ---------------------------------------------------------------- timers

  private void repeat(long periodMs, Runnable action) {
    time.after(1 + random.nextLong(periodMs), new Runnable() {
      @Override
      public void run() {
        if (group.isFrozen()) {
          // Late by a random time after the thaw, like threads of a stopped process.
          time.after(20 + random.nextInt(200), this);
        } else if (!group.isDown()) {
          action.run();
          time.after(periodMs, this);
        }
      }
    });
  }

  /** Ticks at a time, or at an earlier one that was set before. */
  private void tickAt(long atMs) {
    if (atMs < tickDueMs) {
      tickDueMs = atMs;
      time.at(atMs, () -> tickIfDue(atMs));
    }
  }

  private void tickIfDue(long atMs) {
    if (tickDueMs != atMs || group.isDown()) {
      return;
    }
    tickDueMs = NOT_DUE;
    if (group.isFrozen()) {
      tickAt(atMs + 50);
    } else {
      collectRenewals();
      long dueNs = replica.tick();
      tickAt(time.nowMs() + (respond() ? 0 : SimulatedTime.roundUpMs(dueNs)));
    }
  }

  /** Sends some responses; returns whether there may be more. */
  private boolean respond() {
    boolean isMore = true;
    for (int i = 0; isMore && i < RESPONSES_MAX; i++) {
      isMore = replica.respond();
    }
    return isMore;
  }

  /** Passes the slots that clients renewed to the replica, as the event loops do each window. */
  private void collectRenewals() {
    long[] words = renewed.take();
    if (words.length > 0) {
      replica.addRenewed(words, false);
    }
  }

  // ---------------------------------------------------------------- requests

  RenewOutcome renew(InstanceKey key, long dirtyMs) {
    return registry
        .renewal()
        .renew(LookupKey.of(key), clock.monotonicNs(), dirtyMs, Origin.CLIENT, renewed);
  }

  /** Leaves in order, with the renewals so far. */
  void leave() {
    collectRenewals();
    replica.leave();
  }

  /** Returns the leases as a data directory has them. */
  List<PersistedLease> journal() {
    List<PersistedLease> leases = new ArrayList<>();
    registry.forEachLease(leases::add);
    return leases;
  }

  /** Visits the changes of the registry since the last call. */
  void forEachNewChange(Consumer<Change> visitor) {
    for (Change next = lastSeen.next(); next != null; next = lastSeen.next()) {
      lastSeen = next;
      visitor.accept(next);
    }
  }

  /** Returns rules of eviction with or without self-preservation. */
  static EvictionRules rules(boolean isSelfPreserving) {
    return new EvictionRules(
        isSelfPreserving,
        0.5,
        10,
        EvictionRules.RenewalThresholdMode.LEASES,
        Set.of(ProtectionRule.REGISTRY),
        3_600_000);
  }

  @Override
  public String toString() {
    return name;
  }
}
