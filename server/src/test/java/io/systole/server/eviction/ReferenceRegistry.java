// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static io.systole.protocol.model.InstanceStatus.OUT_OF_SERVICE;
import static io.systole.protocol.model.InstanceStatus.UNKNOWN;
import static io.systole.protocol.model.InstanceStatus.UP;

import io.systole.protocol.model.ActionType;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.eviction.EvictionRules.RenewalThresholdMode;
import io.systole.server.registry.Change.Cause;
import io.systole.server.registry.MetadataUpdateOutcome;
import io.systole.server.registry.Origin;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A simple single-threaded implementation of leases by spec §2 to §4, with the intended differences
 * of spec §9, independent of the registry's.
 */
final class ReferenceRegistry implements LeaseOperations {
  private static final long HOUR_NS = TimeUnit.HOURS.toNanos(1);

  /** A lease. It has expired when now > lastUpdateNs + durationNs (spec §2.4). */
  private static final class StoredLease {
    InstanceInfo document;

    @Nullable
    InstanceStatus override;

    long registeredNs;
    long lastUpdateNs;
    final long durationNs;

    /** Restored and not renewed since. */
    boolean isUnrenewed;

    StoredLease(
        InstanceInfo document, @Nullable InstanceStatus override, int durationSecs, long nowNs) {
      this.document = document;
      this.override = override;
      this.registeredNs = nowNs;
      this.lastUpdateNs = nowNs;
      this.durationNs = TimeUnit.SECONDS.toNanos(durationSecs);
    }

    String app() {
      return document.app();
    }

    String zone() {
      return document.metadata().getOrDefault("zone", "");
    }
  }

  /** A period in which the node could not accept renewals. */
  private record Stall(long fromNs, long toNs) {}

  private record RemovedInstance(long dirtyMs, long atNs) {}

  private record Recent(Object shown, long atNs) {}

  private final ModelScenario scenario;
  private final Map<InstanceKey, StoredLease> leases = new HashMap<>();
  private final Map<InstanceKey, RemovedInstance> tombstones = new HashMap<>();
  private final Map<InstanceKey, Recent> recent = new HashMap<>();
  private final Map<RenewOutcome, Long> renewals = new TreeMap<>();
  private final List<Stall> stalls = new ArrayList<>();
  private List<PublishedChange> reported = new ArrayList<>();
  private List<InstanceKey> selection = List.of();
  private long wallMs = ManualClock.START_WALL_MS;
  private long nowNs = ManualClock.START_MONOTONIC_NS;
  private long lastRunNs = -1;
  private long renewed;
  private long renewedBefore;
  private long lastMinute;
  private long registrations;
  private long cancels;
  private long evictions;
  private long outdated;
  private long refused;
  private int expiredOverrides;
  private int expected;

  ReferenceRegistry(ModelScenario scenario) {
    this.scenario = scenario;
    this.expected = scenario.expectedAtStart();
  }

  @Override
  public void restore(List<InstanceInfo> documents) {
    for (InstanceInfo document : documents) {
      StoredLease lease =
          new StoredLease(document, null, document.leaseInfo().durationSecs(), nowNs);
      long ageMs = wallMs - document.leaseInfo().registrationMs();
      lease.registeredNs = nowNs - TimeUnit.MILLISECONDS.toNanos(ageMs);
      lease.isUnrenewed = true;
      leases.put(document.key(), lease);
    }
  }

  // ---------------------------------------------------------------- spec §2: heartbeats

  @Override
  public Object renew(InstanceKey key, long dirtyMs, Origin origin, InstanceStatus override) {
    RenewOutcome outcome = renew(leases.get(key), dirtyMs, origin);
    renewals.merge(outcome, 1L, Long::sum);
    StoredLease lease = leases.get(key);
    if (outcome == RenewOutcome.CLIENT_IS_NEWER
        && origin == Origin.PEER
        && override != UNKNOWN
        && lease != null
        && lease.override != override) {
      lease.override = override;
      lease.document = lease.document.toBuilder().overriddenStatus(override).build();
      report(Cause.AMENDMENT, Origin.PEER, lease); // no. 9
    }
    return outcome;
  }

  private RenewOutcome renew(@Nullable StoredLease lease, long dirtyMs, Origin origin) {
    if (lease == null) {
      return RenewOutcome.UNKNOWN_INSTANCE;
    }
    InstanceStatus stored = lease.document.status();
    InstanceStatus resolved = resolve(stored, lease.override, stored);
    if (resolved == UNKNOWN) {
      return RenewOutcome.STATUS_UNKNOWN;
    }
    if (resolved != stored) {
      modify(lease, resolved, lease.override, 0, Origin.NODE); // no. 9
    }
    renew(lease);
    renewed++;
    long storedMs = lease.document.lastDirtyMs();
    if (dirtyMs == Registry.NO_TIMESTAMP || !scenario.isComparing() || dirtyMs == storedMs) {
      return RenewOutcome.RENEWED;
    }
    if (dirtyMs > storedMs) {
      return RenewOutcome.CLIENT_IS_NEWER;
    }
    return origin == Origin.PEER ? RenewOutcome.PEER_IS_OLDER : RenewOutcome.RENEWED;
  }

  private void renew(StoredLease lease) {
    expectRenewals(lease);
    lease.lastUpdateNs = nowNs + (scenario.isStrict() ? 0 : lease.durationNs); // no. 1
  }

  /** A restored lease is expected to be renewed from its first renewal on. */
  private void expectRenewals(StoredLease lease) {
    if (lease.isUnrenewed) {
      lease.isUnrenewed = false;
      expected += expected > 0 ? 1 : 0;
    }
  }

  /** The rule chain of spec §2.5. */
  private static InstanceStatus resolve(
      InstanceStatus reported,
      @Nullable InstanceStatus override,
      @Nullable InstanceStatus existing) {
    if (reported != UP && reported != OUT_OF_SERVICE) {
      return reported;
    }
    if (override != null) {
      return override;
    }
    return existing == UP || existing == OUT_OF_SERVICE ? existing : reported;
  }

  // ---------------------------------------------------------------- spec §3: register, status

  @Override
  public Object register(InstanceInfo incoming, Origin origin) {
    InstanceKey key = incoming.key();
    StoredLease old = leases.get(key);
    RemovedInstance before = tombstones.get(key);
    if (old == null && before != null) {
      long keptNs = TimeUnit.MILLISECONDS.toNanos(scenario.tombstoneMs());
      if (incoming.lastDirtyMs() <= before.dirtyMs && nowNs - before.atNs <= keptNs) {
        outdated++;
        return RegisterOutcome.OUTDATED;
      }
      tombstones.remove(key);
    }
    if (old == null && leases.size() == scenario.leasesMax()) {
      refused++;
      return RegisterOutcome.FULL; // no. 55
    }
    if (old != null && old.override != null && nowNs - old.lastUpdateNs > HOUR_NS) {
      expiredOverrides++;
      old.override = null; // no. 11
      old.document = old.document.toBuilder().overriddenStatus(UNKNOWN).build();
    }
    InstanceInfo document = incoming;
    if (old != null && old.document.lastDirtyMs() > incoming.lastDirtyMs()) {
      document = old.document;
    }
    if (old == null && expected > 0) {
      expected++;
    }
    if (old != null) {
      expectRenewals(old);
    }
    InstanceStatus override = old == null ? null : old.override; // no. 10
    if (override == null && document.overriddenStatus() != UNKNOWN) {
      override = document.overriddenStatus();
    }
    InstanceStatus existing = old == null || origin == Origin.PEER ? null : old.document.status();
    InstanceStatus status = resolve(document.status(), override, existing);
    long upMs = old == null ? 0 : old.document.leaseInfo().serviceUpMs();
    StoredLease fresh = new StoredLease(
        document.toBuilder()
            .status(status)
            .overriddenStatus(override == null ? UNKNOWN : override)
            .actionType(ActionType.ADDED)
            .lastUpdatedMs(wallMs)
            .leaseInfo(new LeaseInfo(
                document.leaseInfo().renewalIntervalSecs(),
                document.leaseInfo().durationSecs(),
                wallMs,
                wallMs,
                0,
                upMs == 0 && status == UP ? wallMs : upMs))
            .build(),
        override,
        incoming.leaseInfo().durationSecs(),
        nowNs);
    leases.put(key, fresh);
    registrations++;
    report(Cause.REGISTRATION, origin, fresh);
    return RegisterOutcome.REGISTERED;
  }

  @Override
  public Object override(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    StoredLease lease = shown(key);
    if (lease == null) {
      return false;
    }
    renew(lease);
    if (lease.document.status() != status) {
      modify(lease, status, status, dirtyMs, origin);
    }
    return true;
  }

  @Override
  public Object removeOverride(
      InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    StoredLease lease = shown(key);
    if (lease == null) {
      return false;
    }
    renew(lease);
    if (lease.override != null) {
      modify(lease, status, null, dirtyMs, origin);
    }
    return true;
  }

  private void modify(
      StoredLease lease,
      InstanceStatus status,
      @Nullable InstanceStatus override,
      long dirtyMs,
      Origin origin) {
    LeaseInfo stamps = lease.document.leaseInfo();
    lease.override = override;
    lease.document = lease.document.toBuilder()
        .status(status)
        .overriddenStatus(override == null ? UNKNOWN : override)
        .lastDirtyMs(Math.max(dirtyMs, lease.document.lastDirtyMs()))
        .actionType(ActionType.MODIFIED)
        .lastUpdatedMs(wallMs)
        .leaseInfo(status == UP && stamps.serviceUpMs() == 0 ? stamps.upSince(wallMs) : stamps)
        .build();
    report(Cause.AMENDMENT, origin, lease);
  }

  @Override
  public Object addMetadata(InstanceKey key, String name, String value) {
    StoredLease lease = shown(key);
    if (lease == null) {
      return MetadataUpdateOutcome.UNKNOWN_INSTANCE;
    }
    Map<String, String> metadata = new TreeMap<>(lease.document.metadata());
    metadata.put(name, value);
    register(lease.document.toBuilder().metadata(metadata).build(), Origin.CLIENT);
    return MetadataUpdateOutcome.UPDATED;
  }

  /** Hidden while expired and not suspended (spec §2.2), unless the rule stall protects it. */
  private @Nullable StoredLease shown(InstanceKey key) {
    StoredLease lease = leases.get(key);
    boolean isHidden = lease != null && isExpired(lease, 0) && mayEvict() && !isInGrace(lease);
    return isHidden ? null : lease;
  }

  // ---------------------------------------------------------------- spec §4: cancel, evict

  @Override
  public Object cancel(InstanceKey key, Origin origin) {
    StoredLease lease = leases.get(key);
    if (lease == null) {
      return false;
    }
    cancels++;
    end(key, lease, Cause.CANCEL, origin);
    return true;
  }

  private void end(InstanceKey key, StoredLease lease, Cause cause, Origin origin) {
    leases.remove(key);
    if (expected > 0 && !lease.isUnrenewed) {
      expected--;
    }
    if (scenario.tombstoneMs() > 0) {
      tombstones.put(key, new RemovedInstance(lease.document.lastDirtyMs(), nowNs));
    }
    lease.document = lease.document.toBuilder()
        .actionType(ActionType.DELETED)
        .lastUpdatedMs(wallMs)
        .leaseInfo(lease.document.leaseInfo().evictedAt(wallMs))
        .build();
    report(cause, origin, lease);
  }

  /** Sets the random selection of the next run, which it checks for validity. */
  void select(List<InstanceKey> instances) {
    selection = instances;
  }

  @Override
  public Object evict() {
    long lateNs = lastRunNs < 0 ? 0 : nowNs - lastRunNs - scenario.intervalNs();
    long graceNs = Math.max(0, lateNs);
    if (graceNs >= TimeUnit.SECONDS.toNanos(1)) {
      stalls.add(new Stall(nowNs - graceNs, nowNs));
    }
    lastRunNs = nowNs;
    List<StoredLease> expired = new ArrayList<>();
    leases.values().stream().filter(each -> isExpired(each, graceNs)).forEach(expired::add);
    HashSet<InstanceKey> candidates = new HashSet<>();
    HashSet<InstanceKey> unrenewed = new HashSet<>();
    for (StoredLease each : expired) {
      if (!isInGrace(each) && each.isUnrenewed) {
        unrenewed.add(each.document.key());
      } else if (!isInGrace(each) && !isProtected(each, expired)) {
        candidates.add(each.document.key());
      }
    }
    int cap = evictionsMax(
        leases.size() - (int) expired.stream().filter(each -> each.isUnrenewed).count());
    int count = Math.min(candidates.size(), cap);
    HashSet<InstanceKey> selected = new HashSet<>(selection);
    selected.removeAll(unrenewed);
    boolean isLegal = new HashSet<>(selection).size() == selection.size()
        && selection.containsAll(unrenewed)
        && selected.size() == count
        && candidates.containsAll(selected);
    for (InstanceKey key : selection) {
      StoredLease lease = leases.get(key);
      if (lease != null) {
        evictions++;
        end(key, lease, Cause.EVICTION, Origin.NODE);
      }
    }
    return List.of(
        expired.size(),
        cap,
        isLegal ? selection : count + " of " + candidates + " and " + unrenewed);
  }

  /**
   * Returns whether the node has not served for a whole duration since the first stall that
   * overlaps the last duration of this lease.
   */
  private boolean isInGrace(StoredLease lease) {
    long deadlineNs = lease.lastUpdateNs + lease.durationNs;
    long stalledNs = 0;
    Stall first = null;
    for (Stall each : stalls) {
      if (first != null) {
        stalledNs += each.toNs - each.fromNs;
      } else if (each.toNs > lease.lastUpdateNs) {
        first = each;
      }
    }
    return first != null
        && first.fromNs <= deadlineNs
        && nowNs - first.toNs - stalledNs <= lease.durationNs;
  }

  private boolean isProtected(StoredLease lease, List<StoredLease> expired) {
    EvictionRules rules = scenario.rules();
    return !mayEvict()
        || (rules.isOn(ProtectionRule.APP) && isGroupProtected(lease, expired, StoredLease::app))
        || (rules.isOn(ProtectionRule.ZONE)
            && !lease.zone().isEmpty()
            && isGroupProtected(lease, expired, StoredLease::zone));
  }

  private boolean isGroupProtected(
      StoredLease lease, List<StoredLease> expired, Function<StoredLease, String> kind) {
    String name = kind.apply(lease);
    long unrenewed = expired.stream()
        .filter(each -> each.isUnrenewed && kind.apply(each).equals(name))
        .count();
    long all = leases.values().stream().map(kind).filter(name::equals).count() - unrenewed;
    long expiredCount = expired.stream().map(kind).filter(name::equals).count() - unrenewed;
    long forMs = scenario.rules().protectMs();
    long agoNs = nowNs - lease.lastUpdateNs - lease.durationNs;
    return expiredCount > Math.max(1, evictionsMax((int) all))
        && (forMs == 0 || agoNs <= TimeUnit.MILLISECONDS.toNanos(forMs));
  }

  private int evictionsMax(int leases) {
    return leases - (int) Math.floor(leases * scenario.rules().share());
  }

  private boolean isExpired(StoredLease lease, long graceNs) {
    return nowNs > lease.lastUpdateNs + lease.durationNs + graceNs;
  }

  // ---------------------------------------------------------------- spec §3.5: counters

  private boolean mayEvict() {
    return !scenario.rules().isOn(ProtectionRule.REGISTRY)
        || (threshold() > 0 && lastMinute > threshold());
  }

  private long threshold() {
    double perMinute = expected * (60.0 / scenario.rules().expectedIntervalSecs());
    if (scenario.rules().threshold() == RenewalThresholdMode.LEASES) {
      perMinute = leases.values().stream()
          .filter(each -> !each.isUnrenewed)
          .mapToDouble(each -> 60.0 / each.document.leaseInfo().renewalIntervalSecs())
          .sum();
    }
    return (long) Math.floor(perMinute * scenario.rules().share());
  }

  @Override
  public Object endMinute() {
    lastMinute = renewed - renewedBefore;
    renewedBefore = renewed;
    return lastMinute;
  }

  @Override
  public Object recount() {
    int expectable =
        (int) leases.values().stream().filter(each -> !each.isUnrenewed).count();
    if (expectable > scenario.rules().share() * expected || !scenario.rules().isSelfPreserving()) {
      expected = expectable; // no. 41
    }
    return expected;
  }

  // ---------------------------------------------------------------- time

  @Override
  public Object advance(long ns) {
    nowNs += ns;
    wallMs += TimeUnit.NANOSECONDS.toMillis(ns);
    return nowNs;
  }

  @Override
  public Object advancePastDeadline(InstanceKey key, long ns) {
    StoredLease lease = leases.get(key);
    return advance(
        lease == null ? 0 : Math.max(0, lease.lastUpdateNs + lease.durationNs + ns - nowNs));
  }

  @Override
  public Object stepWall(long ms) {
    wallMs += ms;
    return wallMs;
  }

  // ---------------------------------------------------------------- queries

  private InstanceInfo document(StoredLease lease) {
    // By the monotonic clock: independent of steps of the wall clock.
    LeaseInfo stamps = lease.document.leaseInfo();
    long sinceMs = TimeUnit.NANOSECONDS.toMillis(lease.lastUpdateNs - lease.registeredNs);
    return lease.document.toBuilder()
        .leaseInfo(stamps.renewedAt(stamps.registrationMs() + sinceMs))
        .build();
  }

  private void report(Cause cause, Origin origin, StoredLease lease) {
    reported.add(new PublishedChange(cause, origin, document(lease), lease.override));
    recent.put(lease.document.key(), new Recent(LeaseOperations.shown(lease.document), nowNs));
  }

  @Override
  public List<PublishedChange> reported() {
    List<PublishedChange> news = reported;
    reported = new ArrayList<>();
    return news;
  }

  @Override
  public List<@Nullable Object> stateOf(InstanceKey key) {
    StoredLease lease = leases.get(key);
    List<@Nullable Object> about = new ArrayList<>();
    about.add(lease == null ? null : document(lease));
    about.add(shown(key) != null);
    about.add(lease == null ? 0 : lease.lastUpdateNs + lease.durationNs);
    return about;
  }

  @Override
  public List<Object> numbers() {
    return List.of(expected, leases.size(), threshold(), lastMinute, mayEvict());
  }

  @Override
  public List<Object> everything() {
    HashSet<InstanceKey> expired = new HashSet<>();
    Map<String, Integer> kinds = new TreeMap<>();
    Map<String, InstanceStatus> overrides = new TreeMap<>();
    leases.forEach((key, lease) -> {
      if (isExpired(lease, 0)) {
        expired.add(key);
      }
      kinds.merge("app " + lease.app(), 1, Integer::sum);
      kinds.merge("zone " + lease.zone(), 1, Integer::sum);
      if (lease.override != null) {
        overrides.put(key.id(), lease.override);
      }
    });
    return List.of(
        expired,
        kinds,
        overrides,
        renewals,
        List.of(renewed, registrations, cancels, evictions, outdated, refused));
  }

  @Override
  public List<Object> full() {
    Map<InstanceKey, Object> shown = new HashMap<>();
    leases.forEach((key, lease) -> shown.put(key, LeaseOperations.shown(lease.document)));
    return List.of(appsHashCode(), shown);
  }

  @Override
  public List<Object> delta() {
    Map<InstanceKey, Object> shown = new HashMap<>();
    long sinceNs = nowNs - TimeUnit.MILLISECONDS.toNanos(ModelScenario.DELTA_MS);
    recent.forEach((key, change) -> {
      if (change.atNs >= sinceNs) {
        shown.put(key, change.shown); // no. 15
      }
    });
    return List.of(appsHashCode(), shown);
  }

  /** By spec §4.4. */
  private String appsHashCode() {
    Map<String, Integer> counts = new TreeMap<>();
    leases.values().forEach(lease -> counts.merge(lease.document.status().name(), 1, Integer::sum));
    StringBuilder hashCode = new StringBuilder();
    counts.forEach((status, count) -> hashCode.append(status + '_' + count + '_'));
    return hashCode.toString();
  }

  /** Returns the number of overrides dropped after an hour of silence. */
  int expiredOverrides() {
    return expiredOverrides;
  }
}
