// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.codec.OverridesCodec;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;

/** Every status that somebody insists on: {@code GET serverinfo/statusoverrides} (item 17). */
public final class OverridesEndpoint implements Endpoint {
  private final Registry registry;
  private final OverridesCodec codec = new OverridesCodec();

  public OverridesEndpoint(Registry registry) {
    this.registry = registry;
  }

  @Override
  public Reply handle(Request request) {
    return Reply.of(200, Reply.JSON, codec.encode(registry.overrides()));
  }
}
