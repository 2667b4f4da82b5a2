// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.LookupKey;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.route.HeartbeatHandler;
import io.systole.server.route.HeartbeatRequest;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.time.Clock;
import org.jspecify.annotations.Nullable;

/**
 * The heartbeat: {@code PUT apps/{app}/{id}} (spec §2). Plain ones come through the door, from
 * bytes; the rest come decoded. Both end in the same {@link Registry#renew}.
 */
public final class RenewEndpoint implements RequestHandler {
  private final Registry registry;
  private final DocumentResponses documents;
  private final Clock clock;

  public RenewEndpoint(Registry registry, DocumentResponses documents, Clock clock) {
    this.registry = registry;
    this.documents = documents;
    this.clock = clock;
  }

  /** What stands behind the renew door of one event loop. */
  public HeartbeatHandler newService() {
    LookupKey probe = new LookupKey();
    return (target, nowNs) -> renew(target, probe, nowNs);
  }

  private Response renew(HeartbeatRequest target, LookupKey probe, long nowNs) {
    probe.aim(target.bytes(), target.appFrom(), target.slash(), target.idTo());
    long timestampMs = target.hasTimestamp() ? target.timestampMs() : Registry.NO_TIMESTAMP;
    RenewOutcome outcome = registry.renew(probe, nowNs, timestampMs, Origin.CLIENT);
    return outcome == RenewOutcome.RENEWED ? Response.OK : Response.NOT_FOUND;
  }

  @Override
  public Response handle(Request request) {
    InstanceKey key = RequestKeys.of(request);
    Origin origin = RequestKeys.originOf(request);
    String timestamp = request.query().first("lastDirtyTimestamp");
    long timestampMs = Registry.NO_TIMESTAMP;
    if (timestamp != null) {
      try {
        // A renewal that says the least number means it; it only must not look like saying none.
        timestampMs = Math.max(Long.parseLong(timestamp), Registry.NO_TIMESTAMP + 1);
      } catch (NumberFormatException notANumber) {
        return Response.BAD_REQUEST;
      }
    }
    RenewOutcome outcome =
        registry.renew(LookupKey.of(key), clock.monotonicNs(), timestampMs, origin);
    return switch (outcome) {
      case RENEWED -> Response.OK;
      case UNKNOWN_INSTANCE, STATUS_UNKNOWN -> Response.NOT_FOUND;
      case CLIENT_IS_NEWER -> newer(key, origin, request.query().first("overriddenstatus"));
      case PEER_IS_OLDER -> conflict(key, request);
    };
  }

  /** Row 6: the sender must register; if it is a peer, it may know of an override that we don't. */
  private Response newer(InstanceKey key, Origin origin, @Nullable String overridden) {
    InstanceStatus override = InstanceStatus.named(overridden);
    if (origin == Origin.PEER && override != null) {
      registry.adoptOverride(key, override);
    }
    return Response.NOT_FOUND;
  }

  /** Row 8: the peer gets our newer copy. */
  private Response conflict(InstanceKey key, Request request) {
    InstanceInfo held = registry.findStored(key);
    return held == null ? Response.NOT_FOUND : documents.instance(409, held, request);
  }
}
