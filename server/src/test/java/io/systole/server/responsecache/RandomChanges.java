// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.time.ManualClock;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Random changes of a registry, as made by clients, peers, operators and time. Not thread-safe. */
final class RandomChanges {
  private static final InstanceStatus[] STATUSES = InstanceStatus.values();
  private static final String[] VIPS = {"va", "vb", "va,vb", "vc", "va,va"};

  private final Registry registry;
  private final ManualClock clock;
  private final int apps;
  private final int ids;
  private final Random random;

  RandomChanges(Registry registry, ManualClock clock, int apps, int ids, long seed) {
    this.registry = registry;
    this.clock = clock;
    this.apps = apps;
    this.ids = ids;
    this.random = new Random(seed);
  }

  /** Attempts one change. */
  void next() {
    InstanceKey key = new InstanceKey("APP" + random.nextInt(apps), "i-" + random.nextInt(ids));
    InstanceStatus status = STATUSES[random.nextInt(STATUSES.length)];
    Origin origin = random.nextBoolean() ? Origin.CLIENT : Origin.PEER;
    switch (random.nextInt(12)) {
      case 0, 1, 2, 3, 4, 5 -> registry.register(instance(key, status), origin);
      case 6 -> registry.cancel(key, origin);
      case 7 -> registry.statusOverrides().set(key, status, Registry.NO_TIMESTAMP, origin);
      case 8 -> registry.statusOverrides().remove(key, status, Registry.NO_TIMESTAMP, origin);
      case 9 -> {
        registry.statusOverrides().adopt(key, status);
        registry.renew(
            LookupKey.of(key), clock.monotonicNs(), Registry.NO_TIMESTAMP, Origin.CLIENT);
      }
      case 10 -> registry.addMetadata(key, Map.of("k", Integer.toString(random.nextInt())));
      default -> {
        clock.advanceMs(100);
        registry.expiry().evictExpired(0);
      }
    }
  }

  private InstanceInfo instance(InstanceKey key, InstanceStatus status) {
    return Instances.up(key.app(), key.id(), 1 + random.nextInt(30)).toBuilder()
        .status(status)
        .lastDirtyMs(Instances.DIRTY_MS + random.nextInt(3))
        .vipAddress(vip(key))
        .secureVipAddress(random.nextBoolean() ? key.app() : null)
        .build();
  }

  /** All instances of APP0 have one address; those of others vary. */
  private @Nullable String vip(InstanceKey key) {
    return key.app().equals("APP0") ? "all" : VIPS[random.nextInt(VIPS.length)];
  }
}
