// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.InstanceStatus;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sets or removes a status override: {@code PUT} and {@code DELETE apps/{app}/{id}/status} (spec
 * §3.4). An unknown status is a 400, where stock servers respond with 500.
 */
public final class OverrideEndpoint implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(OverrideEndpoint.class);

  private final Registry registry;

  public OverrideEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Response handle(Request request) {
    boolean isRemoval = request.method() == HttpMethod.DELETE;
    String value = request.query().first("value");
    InstanceStatus status = InstanceStatus.named(value);
    if (isRemoval && value == null) {
      status = InstanceStatus.UNKNOWN;
    }
    Long dirtyMs = dirtyMs(request.query().first("lastDirtyTimestamp"));
    if (status == null || dirtyMs == null) {
      return Response.BAD_REQUEST;
    }
    InstanceKey key = RequestParameters.keyOf(request);
    Origin origin = RequestParameters.originOf(request);
    boolean isFound = isRemoval
        ? registry.statusOverrides().remove(key, status, dirtyMs, origin)
        : registry.statusOverrides().set(key, status, dirtyMs, origin);
    if (origin != Origin.PEER) {
      // Replicated actions are logged by the peer that received them.
      LOG.info(
          "operator action={} app={} id={} status={} outcome={} principal={} from={}",
          isRemoval ? "remove_override" : "set_override",
          EscapedText.token(key.app()),
          EscapedText.token(key.id()),
          status,
          isFound ? "done" : "no_lease",
          EscapedText.token(request.principalText()),
          request.senderText());
    }
    return isFound ? Response.OK : Response.NOT_FOUND;
  }

  private static @Nullable Long dirtyMs(@Nullable String text) {
    if (text == null) {
      return Registry.NO_TIMESTAMP;
    }
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException notANumber) {
      return null;
    }
  }
}
