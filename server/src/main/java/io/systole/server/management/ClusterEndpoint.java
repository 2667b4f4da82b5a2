// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.cluster.ClusterStatus;
import io.systole.server.cluster.ClusterStatus.Member;
import io.systole.server.cluster.ReplicaCounters;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows the native cluster as this member sees it: {@code GET /systole/cluster}. */
public final class ClusterEndpoint implements RequestHandler {
  /**
   * A member's view of its cluster.
   *
   * @param name of the cluster
   * @param addressesListed the addresses of members that this one was given; 0 for a DNS name
   */
  public record ClusterDescription(
      String name, int addressesListed, ClusterStatus status, ReplicaCounters counters) {
    /** Returns the number of members to be expected: those listed, or more in the view. */
    public int membersExpected() {
      return Math.max(addressesListed, status.members().size());
    }
  }

  static final Response NO_CLUSTER =
      JsonResponses.refusal(404, "the node is not a member of a native cluster");

  private final Supplier<@Nullable ClusterDescription> cluster;

  /** @param cluster returns null without a native cluster */
  public ClusterEndpoint(Supplier<@Nullable ClusterDescription> cluster) {
    this.cluster = cluster;
  }

  @Override
  public Response handle(Request request) {
    ClusterDescription current = cluster.get();
    return current == null ? NO_CLUSTER : JsonResponses.ok(describe(current));
  }

  private static ObjectNode describe(ClusterDescription cluster) {
    ClusterStatus status = cluster.status();
    ObjectNode response = JsonResponses.object()
        .put("cluster", cluster.name())
        .put("isComplete", status.isComplete())
        .put("protocol", status.protocolVersion())
        .put("view", status.viewNumber());
    putTime(response, "viewSince", status.viewSinceMs());
    ArrayNode members = response.putArray("members");
    status.members().forEach(member -> put(member, members.addObject()));
    response.put("leasesOwned", status.leasesOwned()).put("tombstones", status.tombstones());
    ReplicaCounters counters = cluster.counters();
    response
        .putObject("sent")
        .put("beats", counters.beatsSent())
        .put("beatBytes", counters.beatBytesSent())
        .put("renewals", counters.renewalsSent())
        .put("records", counters.recordsSent())
        .put("recordBytes", counters.recordBytesSent())
        .put("recordsPushed", counters.recordsPushed())
        .put("pulls", counters.pullsSent())
        .put("recordsTooLarge", counters.recordsTooLarge())
        .put("failures", counters.sendFailures());
    response
        .putObject("received")
        .put("beats", counters.beatsReceived())
        .put("beatBytes", counters.beatBytesReceived())
        .put("renewals", counters.renewalsReceived())
        .put("unknownNumbers", counters.unknownNumbers())
        .put("records", counters.recordsReceived())
        .put("recordBytes", counters.recordBytesReceived())
        .put("recordsApplied", counters.recordsApplied())
        .put("recordsRefused", counters.recordsRefused())
        .put("digests", counters.digestsReceived())
        .put("bucketsDiffering", counters.bucketsDiffering())
        .put("malformed", counters.malformedMessages())
        .put("unknownKinds", counters.unknownKinds());
    return response.put("reassertions", counters.reassertions());
  }

  private static void put(Member member, ObjectNode node) {
    node.put("name", member.id().name())
        .put("epoch", HexFormat.of().toHexDigits(member.id().epoch()))
        .put("url", member.url())
        .put("isSelf", member.isSelf())
        .put("isComplete", member.isComplete())
        .put("isDraining", member.isDraining())
        .put("protocolMax", member.protocolMax());
    putTime(node, "lastBeat", member.lastBeatMs());
  }

  /** @param epochMs 0 for none */
  private static void putTime(ObjectNode node, String name, long epochMs) {
    if (epochMs == 0) {
      node.putNull(name);
    } else {
      JsonResponses.putTimestamp(node, name, epochMs);
    }
  }
}
