// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.drive;

import io.systole.client.beat.InstanceSource;
import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.model.PortInfo;
import java.util.Map;

/**
 * The simulated instances. Each is a number; its document, as full as those of Spring applications,
 * is made from the number when it is asked for.
 */
final class Fleet {
  private static final int PORT = 8080;
  private static final int DURATION_SECS_MIN = 90;
  private static final int INTERVALS_PER_DURATION = 3;
  private static final int MS_PER_SEC = 1000;

  private final int applications;
  private final LeaseInfo lease;

  Fleet(int applications, int intervalMs) {
    this.applications = applications;
    int intervalSecs = Math.max(1, intervalMs / MS_PER_SEC);
    int durationSecs = Math.max(DURATION_SECS_MIN, INTERVALS_PER_DURATION * intervalSecs);
    this.lease = new LeaseInfo(intervalSecs, durationSecs, 0, 0, 0, 0);
  }

  /** Returns what makes the documents of one instance, 0..10_000_000. */
  InstanceSource source(int index) {
    return lastDirtyMs -> instance(index, lastDirtyMs);
  }

  private InstanceInfo instance(int index, long lastDirtyMs) {
    String app = "load-" + index % applications;
    String address =
        "10." + (index >> 16 & 0xFF) + "." + (index >> 8 & 0xFF) + "." + (index & 0xFF);
    String root = "http://" + address + ":" + PORT;
    return InstanceInfo.builder()
        .instanceId("host-" + index + ":" + app + ":" + PORT)
        .app(app)
        .hostName(address)
        .ipAddr(address)
        .port(new PortInfo(PORT, true))
        .securePort(new PortInfo(443, false))
        .dataCenterInfo(DataCenterInfo.DEFAULT)
        .leaseInfo(lease)
        .metadata(Map.of("management.port", Integer.toString(PORT)))
        .homePageUrl(root + "/")
        .statusPageUrl(root + "/actuator/info")
        .healthCheckUrl(root + "/actuator/health")
        .vipAddress(app)
        .secureVipAddress(app)
        .lastUpdatedMs(lastDirtyMs)
        .lastDirtyMs(lastDirtyMs)
        .build();
  }
}
