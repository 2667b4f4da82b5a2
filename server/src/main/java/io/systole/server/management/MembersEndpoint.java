// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.cluster.ClusterStatus.Member;
import io.systole.server.management.ClusterEndpoint.ClusterDescription;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists the members of the native cluster that clients may use: {@code GET /systole/members}. Those
 * that are joining or leaving are not among them.
 */
public final class MembersEndpoint implements RequestHandler {
  private final Supplier<@Nullable ClusterDescription> cluster;

  /** @param cluster returns null without a native cluster */
  public MembersEndpoint(Supplier<@Nullable ClusterDescription> cluster) {
    this.cluster = cluster;
  }

  @Override
  public Response handle(Request request) {
    ClusterDescription current = cluster.get();
    if (current == null) {
      return ClusterEndpoint.NO_CLUSTER;
    }
    ObjectNode response = JsonResponses.object();
    ArrayNode members = response.putArray("members");
    current.status().members().stream()
        .filter(MembersEndpoint::isUsable)
        .forEach(
            member -> members.addObject().put("name", member.id().name()).put("url", member.url()));
    return JsonResponses.ok(response);
  }

  private static boolean isUsable(Member member) {
    String url = member.url();
    return member.isComplete() && !member.isDraining() && url != null && !url.isEmpty();
  }
}
