// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.server.route.HeartbeatMatcher.HeartbeatHandler;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;

/** A handler that responds to each heartbeat with the same status. */
record FixedStatus(int status) implements HeartbeatHandler {
  static final FixedStatus OK = new FixedStatus(200);

  @Override
  public int batchSizeMax() {
    return 2;
  }

  @Override
  public void add(HeartbeatRequest heartbeat) {}

  @Override
  public void renew(long nowNs) {}

  @Override
  public int status(int index) {
    return status;
  }

  @Override
  public void clear() {}
}
