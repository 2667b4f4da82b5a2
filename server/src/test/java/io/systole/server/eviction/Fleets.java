// SPDX-License-Identifier: Apache-2.0
package io.systole.server.eviction;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.LeaseInfo;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewalRate;
import io.systole.server.time.ManualClock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** Applications whose live instances renew every 30 s. */
final class Fleets {
  private static final int INTERVAL_SECS = 30;
  private static final int DURATION_SECS = 90;

  final ManualClock clock = new ManualClock();
  final Registry registry = new Registry(
      new RegistrySettings(20_000, true, 1_000, 10, new LeaseRules(false, 1, 0, 1)), clock);
  final RenewalRate rate = new RenewalRate(registry.renewal()::count);
  final Evictor evictor;
  private final List<InstanceKey> instances = new ArrayList<>();

  Fleets(EvictionRules rules) {
    evictor = new Evictor(registry, rate, clock, new EvictionSettings(60_000, 900_000, 10, rules));
  }

  static EvictionRules protecting(ProtectionRule... rules) {
    EvictionRules stock = EvictionRules.STOCK;
    return new EvictionRules(
        true, stock.share(), 30, stock.threshold(), Set.of(rules), stock.protectMs());
  }

  /** Registers {@code count} instances, in these zones in rotation. */
  Fleets with(String app, int count, String... zones) {
    for (int i = 0; i < count; i++) {
      var instance = Instances.up(app, app + "-" + i, DURATION_SECS).toBuilder()
          .leaseInfo(new LeaseInfo(INTERVAL_SECS, DURATION_SECS, 0, 0, 0, 0));
      if (zones.length > 0) {
        instance.metadata(Map.of("zone", zones[i % zones.length]));
      }
      registry.register(instance.build(), Origin.CLIENT);
      instances.add(new InstanceKey(app, app + "-" + i));
    }
    return this;
  }

  /** Adds instances that have leases already. */
  Fleets adopt(String app, int count) {
    for (int i = 0; i < count; i++) {
      instances.add(new InstanceKey(app, app + "-" + i));
    }
    return this;
  }

  /** Advances by minutes, each with two renewals of every live instance and an eviction run. */
  Fleets pass(int minutes, Predicate<InstanceKey> isAlive) {
    for (int minute = 0; minute < minutes; minute++) {
      for (int beat = 0; beat < 2; beat++) {
        clock.advanceMs(30_000);
        instances.stream().filter(isAlive).forEach(this::renew);
      }
      rate.endMinute();
      evictor.tick();
      evictor.run();
    }
    return this;
  }

  /** Renews every instance. */
  void renewAll() {
    instances.forEach(this::renew);
  }

  private void renew(InstanceKey key) {
    registry.renew(LookupKey.of(key), clock.monotonicNs(), Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  /** Returns the number of an instance within its application. */
  static int number(InstanceKey key) {
    return Integer.parseInt(key.id().substring(key.id().lastIndexOf('-') + 1));
  }

  int leaseCount(String app) {
    return registry.leaseCounts().ofApp(app);
  }
}
