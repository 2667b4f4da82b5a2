// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.heap;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.util.Locale;
import java.util.Map;

/** Generated documents like those of Spring applications. */
enum SpringDocuments {
  /** All instances have the same metadata. */
  SHARED,
  /** Each instance has different metadata. */
  DISTINCT;

  /** Epoch ms. */
  static final long STAMP_MS = 1_700_000_000_000L;

  private static final int PORT = 8080;
  private static final int INSTANCES_PER_APP = 100;

  /** Returns the document of instance {@code i}, 0..16_777_215, with the stamps of a server. */
  InstanceInfo document(int i) {
    String host = "host-%06d.example.internal".formatted(i);
    String app = "service-%04d".formatted(i / INSTANCES_PER_APP);
    String address = "10." + (i >> 16) + '.' + (i >> 8 & 0xFF) + '.' + (i & 0xFF);
    String root = "http://" + address + ':' + PORT;
    long stampMs = STAMP_MS + i;
    return InstanceInfo.builder()
        .instanceId(host + ':' + app + ':' + PORT)
        .hostName(host)
        .app(app.toUpperCase(Locale.ROOT))
        .ipAddr(address)
        .port(new PortInfo(PORT, true))
        .securePort(new PortInfo(443, false))
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .leaseInfo(new LeaseInfo(30, 90, stampMs, stampMs, 0, stampMs))
        .metadata(
            this == SHARED
                ? Map.of("management.port", "8080")
                : Map.of("management.port", "8080", "started", Long.toString(stampMs)))
        .homePageUrl(root + '/')
        .statusPageUrl(root + "/actuator/info")
        .healthCheckUrl(root + "/actuator/health")
        .vipAddress(app)
        .secureVipAddress(app)
        .lastUpdatedMs(stampMs)
        .lastDirtyMs(stampMs)
        .build();
  }
}
