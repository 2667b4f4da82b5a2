// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

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
  private final String line;

  private HandEndpoint(Predicate<InstanceKey> deed, String line) {
    this.deed = deed;
    this.line = line;
  }

  public static HandEndpoint eviction(Registry registry) {
    return new HandEndpoint(registry::evict, "an operator evicted app={} id={}");
  }

  public static HandEndpoint pardon(Registry registry) {
    return new HandEndpoint(registry::pardon, "an operator pardoned app={} id={}");
  }

  @Override
  public Reply handle(Request request) {
    InstanceKey key = new InstanceKey(request.variable("app"), request.variable("id"));
    if (!deed.test(key)) {
      return Documents.refusal(404, "No lease is held for this instance.");
    }
    LOG.info(line, printable(key.app()), printable(key.id()));
    return Reply.NO_CONTENT;
  }

  /** Names come from outside: none may begin a line of the log. */
  private static String printable(String name) {
    return name.replaceAll("\\p{Cntrl}", "?");
  }
}
