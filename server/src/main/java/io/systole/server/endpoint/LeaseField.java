// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.renewal.LeaseHandle;
import io.systole.server.registry.LeaseHandles;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.Map;

/** The response field with the handle of a lease, for the clients that request it (spec §10). */
public final class LeaseField {
  private static final String NAME = "Systole-Lease";
  private static final int SUCCESS_END = 300;

  private final LeaseHandles handles;

  public LeaseField(LeaseHandles handles) {
    this.handles = handles;
  }

  /** Wraps a handler of heartbeats: adds the field to successful responses that request it. */
  public RequestHandler addTo(RequestHandler heartbeats) {
    return request -> {
      Response response = heartbeats.handle(request);
      if (!isDue(request, response)) {
        return response;
      }
      String timestamp = request.query().first("lastDirtyTimestamp");
      long dirtyMs = timestamp == null ? Registry.NO_TIMESTAMP : Long.parseLong(timestamp);
      return with(response, RequestParameters.keyOf(request), dirtyMs);
    };
  }

  /**
   * Returns the response with the field if the client requests it and the response reports success.
   *
   * @param dirtyMs the client's dirty timestamp, epoch ms, or {@link Registry#NO_TIMESTAMP}
   */
  Response addTo(Response response, Request request, InstanceKey key, long dirtyMs) {
    return isDue(request, response) ? with(response, key, dirtyMs) : response;
  }

  private static boolean isDue(Request request, Response response) {
    return response.status() < SUCCESS_END
        && request.header(LeaseHandle.FIELD) != null
        && !request.isReplicated();
  }

  private Response with(Response response, InstanceKey key, long dirtyMs) {
    LeaseHandle handle = handles.find(LookupKey.of(key), dirtyMs);
    String value = handle == null ? LeaseHandle.fieldValue(handles.epoch()) : handle.fieldValue();
    return new Response(
        response.status(), response.contentType(), Map.of(NAME, value), response.body());
  }
}
