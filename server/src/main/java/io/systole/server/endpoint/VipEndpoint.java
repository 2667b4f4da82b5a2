// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import io.systole.server.view.ViewKey.Extent;

/**
 * All instances behind a virtual name: {@code GET vips/{vip}}, {@code GET svips/{vip}} (spec §1.2
 * items 12 and 13). An unknown name has none; that is no error.
 */
public final class VipEndpoint implements Endpoint {
  private final Documents documents;
  private final Extent extent;

  /** @param extent which of the two virtual names is asked for */
  public VipEndpoint(Documents documents, Extent extent) {
    this.documents = documents;
    this.extent = extent;
  }

  @Override
  public Reply handle(Request request) {
    return documents.view(extent, request.variable("vip"), request);
  }
}
