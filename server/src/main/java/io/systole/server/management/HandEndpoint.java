// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.EscapedText;
import io.systole.protocol.model.InstanceKey;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What an operator does to a lease by hand: {@code POST /systole/evict/{app}/{id}} and {@code POST
 * /systole/pardon/{app}/{id}}.
 */
public final class HandEndpoint implements Endpoint {
  private static final Logger LOG = LoggerFactory.getLogger(HandEndpoint.class);

  private final Predicate<InstanceKey> deed;
  private final String name;

  private HandEndpoint(Predicate<InstanceKey> deed, String name) {
    this.deed = deed;
    this.name = name;
  }

  public static HandEndpoint eviction(Registry registry) {
    return new HandEndpoint(registry::evict, "evict");
  }

  public static HandEndpoint pardon(Registry registry) {
    return new HandEndpoint(registry::pardon, "pardon");
  }

  @Override
  public Reply handle(Request request) {
    InstanceKey key = new InstanceKey(request.variable("app"), request.variable("id"));
    boolean isDone = deed.test(key);
    LOG.info(
        "operator action={} app={} id={} outcome={} from={}",
        name,
        EscapedText.token(key.app()),
        EscapedText.token(key.id()),
        isDone ? "done" : "no_lease",
        request.senderText());
    return isDone
        ? Reply.NO_CONTENT
        : Documents.refusal(404, "No lease is held for this instance.");
  }
}
