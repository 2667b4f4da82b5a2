// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import io.systole.client.api.InstanceSupplier;
import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;

/** Sessions for tests. */
public final class Sessions {
  private Sessions() {}

  /** Returns a supplier of an instance's documents. */
  public static InstanceSupplier source(String app, String id) {
    return lastDirtyMs -> InstanceInfo.builder()
        .app(app)
        .instanceId(id)
        .hostName("h")
        .ipAddr("127.0.0.1")
        .status(InstanceStatus.UP)
        .lastDirtyMs(lastDirtyMs)
        .build();
  }

  /** Returns an unregistered session. */
  public static Session session(String app, String id) {
    InstanceSupplier source = source(app, id);
    return Session.of(source, source.instance(0), null, null);
  }

  /** Registers a session at this time, epoch ms. */
  public static void accept(Session session, long wallMs) {
    session.register(wallMs);
    session.registerAccepted(0);
  }
}
