// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Origin;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Request;

/** The instance key and origin of a request. */
final class RequestKeys {
  private RequestKeys() {}

  static InstanceKey of(Request request) {
    return new InstanceKey(request.variable("app"), request.variable("id"));
  }

  /** The value is case-sensitive: {@code TRUE} comes from a client (spec §1.6). */
  static Origin originOf(Request request) {
    return "true".equals(request.header(HeartbeatMatcher.REPLICATION_HEADER))
        ? Origin.PEER
        : Origin.CLIENT;
  }
}
