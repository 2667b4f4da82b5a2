// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.ViewKey;

/**
 * The whole registry, or what changed of late: {@code GET apps}, {@code GET apps/delta} (spec §1.2
 * items 1 and 2). {@code regions} is taken and means nothing: there are no other regions.
 */
public final class AppsEndpoint implements Endpoint {
  private final Documents documents;
  private final ViewKey.Extent extent;

  public AppsEndpoint(Documents documents, ViewKey.Extent extent) {
    this.documents = documents;
    this.extent = extent;
  }

  @Override
  public Reply handle(Request request) {
    return documents.view(extent, "", request);
  }
}
