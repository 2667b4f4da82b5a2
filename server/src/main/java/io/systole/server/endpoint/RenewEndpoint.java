// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRenewal;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewOutcome;
import io.systole.server.registry.RenewalBatch;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.HeartbeatMatcher.HeartbeatHandler;
import io.systole.server.route.HeartbeatMatcher.HeartbeatRequest;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Handles heartbeats: {@code PUT apps/{app}/{id}} (spec §2). Plain ones arrive as bytes from
 * {@link HeartbeatMatcher}, all others as decoded requests. Both end in {@link LeaseRenewal#renew}.
 */
public final class RenewEndpoint implements RequestHandler {
  private final Registry registry;
  private final LeaseRenewal renewal;
  private final DocumentResponses documents;
  private final Clock clock;
  private final Supplier<RenewedSlots> currentRecorder;
  private final Supplier<RenewedSlots> currentPeerRecorder;

  /**
   * @param currentRecorder returns the recorder of leases that clients renew, of the current thread
   * @param currentPeerRecorder returns the one of leases that peers renew
   */
  public RenewEndpoint(
      Registry registry,
      DocumentResponses documents,
      Clock clock,
      Supplier<RenewedSlots> currentRecorder,
      Supplier<RenewedSlots> currentPeerRecorder) {
    this.registry = registry;
    this.renewal = registry.renewal();
    this.documents = documents;
    this.clock = clock;
    this.currentRecorder = currentRecorder;
    this.currentPeerRecorder = currentPeerRecorder;
  }

  /**
   * Returns a handler for the heartbeats of one event loop.
   *
   * @param renewed records the renewed leases; confined to the loop
   */
  public HeartbeatHandler newHandler(RenewedSlots renewed) {
    return new LoopHandler(renewal, renewed);
  }

  /** The heartbeats of one event loop. */
  private static final class LoopHandler implements HeartbeatHandler {
    private final RenewalBatch batch = new RenewalBatch();
    private final LeaseRenewal renewal;
    private final RenewedSlots renewed;

    private LoopHandler(LeaseRenewal renewal, RenewedSlots renewed) {
      this.renewal = renewal;
      this.renewed = renewed;
    }

    @Override
    public int batchSizeMax() {
      return RenewalBatch.SIZE_MAX;
    }

    @Override
    public void add(HeartbeatRequest heartbeat) {
      long timestampMs = heartbeat.hasTimestamp() ? heartbeat.timestampMs() : Registry.NO_TIMESTAMP;
      LookupKey key = batch.add(timestampMs);
      key.aim(heartbeat.bytes(), heartbeat.appFrom(), heartbeat.slash(), heartbeat.idTo());
    }

    @Override
    public void renew(long nowNs) {
      renewal.renew(batch, nowNs, renewed);
    }

    @Override
    public int status(int index) {
      return batch.isRenewed(index) ? 200 : 404;
    }

    @Override
    public void clear() {
      batch.clear();
    }
  }

  @Override
  public Response handle(Request request) {
    InstanceKey key = RequestParameters.keyOf(request);
    Origin origin = RequestParameters.originOf(request);
    String timestamp = request.query().first("lastDirtyTimestamp");
    long timestampMs = Registry.NO_TIMESTAMP;
    if (timestamp != null) {
      try {
        // Long.MIN_VALUE is a valid timestamp; it must not be mistaken for NO_TIMESTAMP.
        timestampMs = Math.max(Long.parseLong(timestamp), Registry.NO_TIMESTAMP + 1);
      } catch (NumberFormatException notANumber) {
        return Response.BAD_REQUEST;
      }
    }
    RenewedSlots renewed =
        origin == Origin.CLIENT ? currentRecorder.get() : currentPeerRecorder.get();
    RenewOutcome outcome =
        renewal.renew(LookupKey.of(key), clock.monotonicNs(), timestampMs, origin, renewed);
    return switch (outcome) {
      case RENEWED -> Response.OK;
      case UNKNOWN_INSTANCE, STATUS_UNKNOWN -> Response.NOT_FOUND;
      case CLIENT_IS_NEWER -> registerAgain(key, origin, request.query().first("overriddenstatus"));
      case PEER_IS_OLDER -> conflict(key, request);
    };
  }

  /** Row 6: the sender must register. A peer may report an override unknown here. */
  private Response registerAgain(InstanceKey key, Origin origin, @Nullable String overridden) {
    InstanceStatus override = InstanceStatus.named(overridden);
    if (origin == Origin.PEER && override != null) {
      registry.statusOverrides().adopt(key, override);
    }
    return Response.NOT_FOUND;
  }

  /** Row 8: the response to the peer contains the newer instance. */
  private Response conflict(InstanceKey key, Request request) {
    InstanceInfo newer = registry.findStored(key);
    return newer == null ? Response.NOT_FOUND : documents.instance(409, newer, request);
  }
}
