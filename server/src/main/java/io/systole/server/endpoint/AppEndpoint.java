// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.Application;
import io.systole.server.registry.Registry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.util.Locale;

/** One application: {@code GET apps/{app}} (spec §1.2 item 3). */
public final class AppEndpoint implements Endpoint {
  private final Registry registry;
  private final Documents documents;

  public AppEndpoint(Registry registry, Documents documents) {
    this.registry = registry;
    this.documents = documents;
  }

  @Override
  public Reply handle(Request request) {
    Application application =
        registry.application(request.variable("app").toUpperCase(Locale.ROOT));
    return application == null ? Reply.NOT_FOUND : documents.application(application, request);
  }
}
