// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Reports the status of the node: {@code GET status} (spec §1.9). Uptime counts from the creation
 * of this object.
 */
public final class StatusEndpoint implements RequestHandler {
  /** Figures of the JVM. */
  public interface RuntimeInfo {
    int cpus();

    /** Returns the committed heap, bytes. */
    long memoryBytes();

    /** Returns the used heap, bytes. */
    long memoryUsedBytes();
  }

  private final DocumentResponses documents;
  private final RuntimeInfo runtime;
  private final Supplier<InstanceInfo> self;
  private final Clock clock;
  private final long startedNs;

  /**
   * Creates an endpoint.
   *
   * @param self returns the node's own instance
   */
  public StatusEndpoint(
      DocumentResponses documents, RuntimeInfo runtime, Supplier<InstanceInfo> self, Clock clock) {
    this.documents = documents;
    this.runtime = runtime;
    this.self = self;
    this.clock = clock;
    this.startedNs = clock.monotonicNs();
  }

  @Override
  public Response handle(Request request) {
    long uptimeMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - startedNs);
    StatusInfo status = new StatusInfo(
        runtime.cpus(),
        runtime.memoryBytes(),
        runtime.memoryUsedBytes(),
        uptimeMs,
        List.of(),
        List.of(),
        List.of(),
        self.get());
    return documents.status(status, request);
  }
}
