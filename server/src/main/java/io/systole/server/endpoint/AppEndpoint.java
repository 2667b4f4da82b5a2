// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.ViewKey.Extent;
import java.util.Locale;

/** One application: {@code GET apps/{app}} (spec §1.2 item 3). */
public final class AppEndpoint implements Endpoint {
  private final Documents documents;

  public AppEndpoint(Documents documents) {
    this.documents = documents;
  }

  @Override
  public Reply handle(Request request) {
    String app = request.variable("app").toUpperCase(Locale.ROOT);
    return documents.view(Extent.APPLICATION, app, request);
  }
}
