// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.ReplicationItem.Action;
import io.systole.server.peer.PeerCounters;
import io.systole.server.peer.PeerStatus;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Shows the replication to each peer: {@code GET /systole/peers}. */
public final class PeersEndpoint implements RequestHandler {
  private final String nodeId;
  private final Supplier<List<PeerStatus>> peers;

  /**
   * Creates an endpoint.
   *
   * @param nodeId the id of this run of the node
   */
  public PeersEndpoint(String nodeId, Supplier<List<PeerStatus>> peers) {
    this.nodeId = nodeId;
    this.peers = peers;
  }

  @Override
  public Response handle(Request request) {
    ObjectNode response = JsonResponses.object().put("node", nodeId);
    ArrayNode list = response.putArray("peers");
    peers.get().forEach(peer -> put(peer, list.addObject()));
    return JsonResponses.ok(response);
  }

  private static void put(PeerStatus peer, ObjectNode node) {
    node.put("url", peer.url().toString())
        .put("address", peer.address().getAddress().getHostAddress())
        .put("state", HumanText.nameOf(peer.state()))
        .put("node", peer.nodeId());
    if (peer.lastSuccessMs() == 0) {
      node.putNull("lastSuccess");
    } else {
      JsonResponses.putTimestamp(node, "lastSuccess", peer.lastSuccessMs());
    }
    node.put("lastFailure", peer.lastFailure())
        .put("lagMs", peer.lagMs())
        .put("due", peer.dueSlots());
    if (peer.lastDifference() < 0) {
      node.putNull("differences");
    } else {
      node.put("differences", peer.lastDifference());
    }
    putCounters(peer.counters(), node);
  }

  private static void putCounters(PeerCounters counters, ObjectNode node) {
    ObjectNode sent = node.putObject("sent");
    for (Action action : Action.values()) {
      sent.put(action.wireName(), counters.sent(action));
    }
    long batches = counters.batches();
    node.put("coalesced", counters.coalesced())
        .put("failed", counters.failed())
        .put("adopted", counters.adopted())
        .put("comparisons", counters.comparisons())
        .put("batches", batches)
        .put("batchesFailed", counters.batchesFailed())
        .put("bytesSent", counters.bytesSent())
        .put(
            "batchMsMean",
            batches == 0
                ? 0
                : TimeUnit.NANOSECONDS.toMicros(counters.batchNs() / batches) / 1000.0);
  }
}
