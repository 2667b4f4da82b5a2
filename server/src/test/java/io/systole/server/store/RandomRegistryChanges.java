// SPDX-License-Identifier: Apache-2.0
package io.systole.server.store;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Random changes of every kind, to instances with every member, determined by a seed. */
final class RandomRegistryChanges {
  private static final InstanceStatus[] STATUSES = InstanceStatus.values();

  private final Random random;

  RandomRegistryChanges(long seed) {
    this.random = new Random(seed);
  }

  /** Attempts one change to a registry. */
  void apply(Registry registry) {
    InstanceInfo instance = instance("APP" + random.nextInt(3), "i-" + random.nextInt(5));
    InstanceKey key = instance.key();
    Origin origin = random.nextBoolean() ? Origin.CLIENT : Origin.PEER;
    switch (random.nextInt(8)) {
      case 0 -> registry.cancel(key, origin);
      case 1 -> registry.statusOverrides().set(key, status(), Registry.NO_TIMESTAMP, origin);
      case 2 -> registry.statusOverrides().remove(key, status(), Registry.NO_TIMESTAMP, origin);
      case 3 -> registry.statusOverrides().adopt(key, status());
      case 4 -> registry.addMetadata(key, Map.of("added", "v" + random.nextInt(9)));
      default -> registry.register(instance, origin);
    }
  }

  InstanceInfo instance(String app, String id) {
    return InstanceInfo.builder()
        .instanceId(id)
        .hostName(text())
        .app(app)
        .ipAddr(text())
        .sid(text())
        .status(status())
        .port(new PortInfo(random.nextInt(), random.nextBoolean()))
        .securePort(new PortInfo(random.nextInt(70_000), random.nextBoolean()))
        .countryId(random.nextInt())
        .dataCenterInfo(dataCenter())
        .leaseInfo(new LeaseInfo(1 + random.nextInt(60), 1 + random.nextInt(200), 0, 0, 0, 0))
        .metadata(texts())
        .appGroupName(text())
        .homePageUrl(text())
        .statusPageUrl(text())
        .healthCheckUrl(text())
        .secureHealthCheckUrl(text())
        .vipAddress(text())
        .secureVipAddress(text())
        .lastDirtyMs(random.nextLong())
        .asgName(text())
        .build();
  }

  private InstanceStatus status() {
    return STATUSES[random.nextInt(STATUSES.length)];
  }

  private @Nullable DataCenterInfo dataCenter() {
    return switch (random.nextInt(4)) {
      case 0 -> null;
      case 1 -> new DataCenterInfo(null, Map.of());
      case 2 -> DataCenterInfo.MY_OWN;
      default -> DataCenterInfo.amazon(texts());
    };
  }

  private Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    for (int i = random.nextInt(4); i > 0; i--) {
      texts.put("k" + i, String.valueOf(text()));
    }
    return texts;
  }

  private @Nullable String text() {
    return switch (random.nextInt(5)) {
      case 0 -> null;
      case 1 -> "";
      case 2 -> "t\u00e4\u20ac\ud83d\ude00";
      case 3 -> "x".repeat(random.nextInt(60));
      default -> "text-" + random.nextInt(100);
    };
  }
}
