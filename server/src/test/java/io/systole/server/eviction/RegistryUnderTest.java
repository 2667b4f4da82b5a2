// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import static java.util.Objects.requireNonNull;

import io.systole.protocol.codec.Codec;
import io.systole.protocol.codec.Form;
import io.systole.protocol.codec.JsonCodec;
import io.systole.protocol.codec.MalformedDocumentException;
import io.systole.protocol.model.Application;
import io.systole.protocol.model.Applications;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Change;
import io.systole.server.registry.LeaseDeadline;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.PersistedLease;
import io.systole.server.registry.RegisterOutcome;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistryCounters;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewalRate;
import io.systole.server.responsecache.Bytes;
import io.systole.server.responsecache.CacheKey;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.DocumentFormat;
import io.systole.server.responsecache.RepresentationFuture;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The registry and its evictor, wired as in the node. */
final class RegistryUnderTest implements LeaseOperations, AutoCloseable {
  private static final Codec CODEC = new JsonCodec();

  private final ModelScenario scenario;
  private final ManualClock clock = new ManualClock();
  private final Registry registry;
  private final RenewalRate rate;
  private final Evictor evictor;
  private Change seen;
  private @Nullable ResponseCache views;

  RegistryUnderTest(ModelScenario scenario) {
    this.scenario = scenario;
    registry = new Registry(scenario.registrySettings(), clock);
    rate = new RenewalRate(registry.renewal()::count);
    evictor = new Evictor(registry, rate, clock, scenario.evictionSettings());
    registry.expiry().hideIf(evictor::isHidden);
    seen = registry.changes().last();
  }

  /** Creates the response cache, before the first change. */
  void open() {
    views = new ResponseCache(registry, clock);
  }

  @Override
  public void close() {
    if (views != null) {
      views.close();
    }
  }

  @Override
  public void restore(List<InstanceInfo> documents) {
    registry.restore(
        documents.stream().map(document -> new PersistedLease(document, null)).toList());
    seen = registry.changes().last();
  }

  /** Returns the unrenewed leases that the last run evicted. */
  int unrenewedEvicted() {
    return evictor.lastRun().unrenewed();
  }

  /** Returns the rules that protected leases in the last run. */
  Set<ProtectionRule> protectingRules() {
    return evictor.lastRun().protectedByRule().keySet();
  }

  @Override
  public Object register(InstanceInfo document, Origin origin) {
    return registry.register(document, origin);
  }

  @Override
  public Object renew(InstanceKey key, long dirtyMs, Origin origin, InstanceStatus override) {
    RenewOutcome outcome = registry.renew(LookupKey.of(key), clock.monotonicNs(), dirtyMs, origin);
    if (outcome == RenewOutcome.CLIENT_IS_NEWER && origin == Origin.PEER) {
      registry.statusOverrides().adopt(key, override);
    }
    return outcome;
  }

  @Override
  public Object cancel(InstanceKey key, Origin origin) {
    return registry.cancel(key, origin);
  }

  @Override
  public Object override(InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    return registry.statusOverrides().set(key, status, dirtyMs, origin);
  }

  @Override
  public Object removeOverride(
      InstanceKey key, InstanceStatus status, long dirtyMs, Origin origin) {
    return registry.statusOverrides().remove(key, status, dirtyMs, origin);
  }

  @Override
  public Object addMetadata(InstanceKey key, String name, String value) {
    return registry.addMetadata(key, Map.of(name, value));
  }

  @Override
  public Object advance(long ns) {
    clock.advanceNs(ns);
    clock.stepWallTo(clock.wallMs() + ns / 1_000_000);
    // Called every second by the node; the results must not depend on it.
    if ((ns & 1) == 0) {
      evictor.tick();
    }
    return clock.monotonicNs();
  }

  @Override
  public Object advancePastDeadline(InstanceKey key, long ns) {
    LeaseDeadline deadline = registry.expiry().deadline(key);
    return advance(
        deadline == null ? 0 : Math.max(0, deadline.deadlineNs() + ns - clock.monotonicNs()));
  }

  @Override
  public Object stepWall(long ms) {
    clock.stepWallTo(clock.wallMs() + ms);
    return clock.wallMs();
  }

  @Override
  public Object endMinute() {
    rate.endMinute();
    return rate.lastMinute();
  }

  @Override
  public Object recount() {
    evictor.recount();
    return registry.expectedClients().count();
  }

  @Override
  public Object evict() {
    Change before = registry.changes().last();
    evictor.run();
    EvictionRun run = evictor.lastRun();
    List<InstanceKey> evicted = new ArrayList<>();
    for (Change each = before.next(); each != null; each = each.next()) {
      evicted.add(each.document().key());
    }
    return List.of(run.expired(), run.cap(), evicted);
  }

  @Override
  public List<PublishedChange> reported() {
    List<PublishedChange> reported = new ArrayList<>();
    for (Change each = seen.next(); each != null; each = each.next()) {
      reported.add(
          new PublishedChange(each.cause(), each.origin(), each.document(), each.override()));
      seen = each;
    }
    return reported;
  }

  @Override
  public List<@Nullable Object> stateOf(InstanceKey key) {
    List<@Nullable Object> about = new ArrayList<>();
    LeaseDeadline deadline = registry.expiry().deadline(key);
    about.add(registry.findStored(key));
    about.add(registry.find(key) != null);
    about.add(deadline == null ? 0 : deadline.deadlineNs());
    return about;
  }

  @Override
  public List<Object> numbers() {
    // Called every second by the node; the results must not depend on it.
    registry.sweepRestored();
    SelfPreservation preservation = evictor.selfPreservation();
    return List.of(
        registry.expectedClients().count(),
        registry.leaseCount(),
        preservation.threshold(),
        rate.lastMinute(),
        preservation.mayEvict());
  }

  @Override
  public List<Object> everything() {
    HashSet<InstanceKey> expired = new HashSet<>();
    registry.expiry().expired(0).forEach(deadline -> expired.add(deadline.key()));
    Map<String, Integer> kinds = new TreeMap<>();
    Map<RenewOutcome, Long> renewals = new TreeMap<>();
    for (RenewOutcome outcome : RenewOutcome.values()) {
      renewals.put(outcome, registry.renewal().count(outcome));
    }
    renewals.values().removeIf(count -> count == 0);
    for (InstanceKey key : scenario.keys()) {
      kinds.put("app " + key.app(), registry.leaseCounts().ofApp(key.app()));
    }
    for (String zone : ModelScenario.ZONES) {
      kinds.put("zone " + zone, registry.leaseCounts().ofZone(zone));
    }
    kinds.values().removeIf(count -> count == 0);
    RegistryCounters counts = registry.counters();
    return List.of(
        expired,
        kinds,
        new TreeMap<>(registry.statusOverrides().byId()),
        renewals,
        List.of(
            registry.renewal().count(),
            counts.registrations(),
            counts.cancellations(),
            counts.evictions(),
            counts.registrations(RegisterOutcome.OUTDATED),
            counts.registrations(RegisterOutcome.FULL)));
  }

  @Override
  public List<Object> full() {
    return response(CacheScope.FULL);
  }

  @Override
  public List<Object> delta() {
    return response(CacheScope.DELTA);
  }

  private List<Object> response(CacheScope extent) {
    CacheKey key = CacheKey.of(extent, DocumentFormat.JSON, Form.FULL);
    byte[] body = Bytes.plain(RepresentationFuture.get(requireNonNull(views), key));
    Map<InstanceKey, Object> shown = new HashMap<>();
    try {
      Applications read = CODEC.decodeApplications(body, 0, body.length, 0);
      for (Application application : read.applications()) {
        application.instances().forEach(each -> shown.put(each.key(), LeaseOperations.shown(each)));
      }
      return List.of(read.appsHashCode(), shown);
    } catch (MalformedDocumentException malformed) {
      throw new IllegalStateException(malformed);
    }
  }

  /** Returns the evicted instances of a run's outcome. */
  @SuppressWarnings("unchecked")
  static List<InstanceKey> evictedOf(Object outcomeOfEvict) {
    return (List<InstanceKey>) requireNonNull(((List<?>) outcomeOfEvict).get(2));
  }
}
