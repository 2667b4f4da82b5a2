// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Evicts or extends a lease for an operator: {@code POST /systole/evict/{app}/{id}} and {@code POST
 * /systole/extend/{app}/{id}}.
 */
public final class LeaseActionEndpoint implements RequestHandler {
  private static final Logger LOG = LoggerFactory.getLogger(LeaseActionEndpoint.class);

  private final Predicate<InstanceKey> action;
  private final String name;

  private LeaseActionEndpoint(Predicate<InstanceKey> deed, String name) {
    this.action = deed;
    this.name = name;
  }

  public static LeaseActionEndpoint eviction(Registry registry) {
    return new LeaseActionEndpoint(registry.expiry()::evict, "evict");
  }

  public static LeaseActionEndpoint extend(Registry registry) {
    return new LeaseActionEndpoint(registry.expiry()::extend, "extend");
  }

  @Override
  public Response handle(Request request) {
    InstanceKey key = new InstanceKey(request.variable("app"), request.variable("id"));
    boolean isDone = action.test(key);
    LOG.info(
        "operator action={} app={} id={} outcome={} principal={} from={}",
        name,
        EscapedText.token(key.app()),
        EscapedText.token(key.id()),
        isDone ? "done" : "no_lease",
        EscapedText.token(request.principalText()),
        request.senderText());
    return isDone
        ? Response.NO_CONTENT
        : JsonResponses.refusal(404, "There is no lease for this instance.");
  }
}
