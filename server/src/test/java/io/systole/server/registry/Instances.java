// SPDX-License-Identifier: Apache-2.0
package io.systole.server.registry;

import io.systole.protocol.model.DataCenterInfo;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.model.LeaseInfo;

/** Factory of instances as clients register them. */
public final class Instances {
  /** The dirty timestamp of {@link #up}. */
  public static final long DIRTY_MS = 1_700_000_000_000L;

  private Instances() {}

  /** Returns an instance that is UP, with a lease of this duration. */
  public static InstanceInfo up(String app, String id, int durationSecs) {
    return InstanceInfo.builder()
        .instanceId(id)
        .hostName("h1")
        .app(app)
        .ipAddr("10.0.0.1")
        .status(InstanceStatus.UP)
        .dataCenterInfo(DataCenterInfo.MY_OWN)
        .leaseInfo(new LeaseInfo(1, durationSecs, 0, 0, 0, 0))
        .lastDirtyMs(DIRTY_MS)
        .build();
  }
}
