// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;

/** The instance ends its own lease: {@code DELETE apps/{app}/{id}} (spec §4.1). */
public final class CancelEndpoint implements Endpoint {
  private final Registry registry;

  public CancelEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Reply handle(Request request) {
    return registry.cancel(Keys.of(request), Keys.originOf(request)) ? Reply.OK : Reply.NOT_FOUND;
  }
}
