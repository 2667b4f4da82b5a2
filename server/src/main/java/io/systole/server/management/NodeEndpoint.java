// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.server.management.NodeDescription.JvmDescription;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** Describes the node and its process: {@code GET /systole/node}. */
public final class NodeEndpoint implements RequestHandler {
  private final Supplier<@Nullable NodeDescription> node;

  /** @param node returns null until the node serves */
  public NodeEndpoint(Supplier<@Nullable NodeDescription> node) {
    this.node = node;
  }

  @Override
  public Response handle(Request request) {
    NodeDescription description = node.get();
    return description == null
        ? JsonResponses.refusal(503, "The node is starting.")
        : JsonResponses.ok(document(description));
  }

  private static ObjectNode document(NodeDescription node) {
    ObjectNode document = JsonResponses.object()
        .put("version", node.version())
        .put("revision", node.revision())
        .put("runId", node.runId());
    JsonResponses.putTimestamp(document, "startedAt", node.startedAtMs());
    document.put("uptimeMs", node.uptimeMs()).put("pid", node.pid()).put("host", node.host());
    JvmDescription jvm = node.jvm();
    document
        .putObject("jvm")
        .put("version", jvm.version())
        .put("vendor", jvm.vendor())
        .put("heapUsedBytes", jvm.heapUsedBytes())
        .put("heapMaxBytes", jvm.heapMaxBytes())
        .put("directBytes", jvm.directBytes());
    node.putPaths(document);
    document
        .put("dataDirectory", node.dataDirectory())
        .put("transport", node.transport())
        .put("eventLoops", node.eventLoops())
        .put("restoredLeases", node.restoredLeases())
        .put("restoreMs", node.restoreMs())
        .put("openFiles", node.openFiles())
        .put("maxOpenFiles", node.openFilesMax())
        .put("isManaged", node.isManaged());
    node.putOptions(document);
    return document;
  }
}
