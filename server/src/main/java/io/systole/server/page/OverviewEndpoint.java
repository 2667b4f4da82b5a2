// SPDX-License-Identifier: Apache-2.0
package io.systole.server.page;

import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.Map;

/**
 * Shows in one document what the stream of the node begins with: {@code GET /systole/overview}.
 * Linear in the leases.
 */
public final class OverviewEndpoint implements RequestHandler {
  private final PageSources sources;

  public OverviewEndpoint(PageSources sources) {
    this.sources = sources;
  }

  @Override
  public Response handle(Request request) {
    byte[] document = new NodeFeed(sources, ExpiredLeases.paced(sources)).overview();
    return new Response(200, Response.JSON, Map.of("Cache-Control", "no-store"), document);
  }
}
