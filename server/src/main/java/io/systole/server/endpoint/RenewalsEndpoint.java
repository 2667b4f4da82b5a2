// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.renewal.MalformedRenewalsException;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.renewal.RenewalFrameEncoder;
import io.systole.protocol.time.Clock;
import io.systole.server.auth.Principal;
import io.systole.server.registry.LeaseHandles;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Renews many leases with one request: {@code POST renewals} (spec §10). A frame is decoded as a
 * whole before it renews anything.
 */
public final class RenewalsEndpoint implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(RenewalsEndpoint.class);

  /** The response to a frame of another run of the node. */
  private static final Response OTHER_EPOCH = Response.ofStatus(409);

  private static final String BYTES = "application/octet-stream";

  /** The arrays of one event loop for its frames, one at a time. */
  private static final class Workspace {
    private final RenewalFrame frame = new RenewalFrame();
    private final int[] refused = new int[RenewalFrame.RENEWALS_MAX];
  }

  private final LeaseHandles handles;
  private final Clock clock;
  private final Supplier<RenewedSlots> recorderSupplier;
  private final ThreadLocal<Workspace> workspaces = ThreadLocal.withInitial(Workspace::new);

  /**
   * @param recorderSupplier returns the calling thread's recorder of the leases that clients renew
   */
  public RenewalsEndpoint(
      LeaseHandles handles, Clock clock, Supplier<RenewedSlots> recorderSupplier) {
    this.handles = handles;
    this.clock = clock;
    this.recorderSupplier = recorderSupplier;
  }

  @Override
  public Response handle(Request request) {
    byte[] body = request.body();
    if (body.length > RenewalFrame.BYTES_MAX) {
      return Response.CONTENT_TOO_LARGE;
    }
    if (request.isReplicated()) {
      return Response.text(400, "a peer replicates renewals in batches");
    }
    Workspace workspace = workspaces.get();
    RenewalFrame frame = workspace.frame;
    try {
      frame.decode(body);
    } catch (MalformedRenewalsException malformed) {
      LOG.debug("renewals refused: {} (from {})", malformed.getMessage(), request.senderText());
      return Response.text(400, String.valueOf(malformed.getMessage()));
    }
    if (frame.epoch() != handles.epoch()) {
      return OTHER_EPOCH;
    }
    int refused = handles.renew(
        frame,
        clock.monotonicNs(),
        permission(request.principal()),
        recorderSupplier.get(),
        workspace.refused);
    return refused == 0
        ? Response.OK
        : Response.of(200, BYTES, RenewalFrameEncoder.encodeRefused(workspace.refused, refused));
  }

  /** Returns null if the sender may renew leases of every application. */
  private static @Nullable Predicate<String> permission(@Nullable Principal sender) {
    return sender == null || sender.mayChangeAll() ? null : sender::mayChange;
  }
}
