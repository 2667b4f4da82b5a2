// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.StatusInfo;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** What the node says of itself: {@code GET status} (spec §1.9). Uptime counts from here on. */
public final class StatusEndpoint implements RequestHandler {
  /** What the JVM tells of itself. */
  public interface RuntimeInfo {
    int cpus();

    /** Bytes of heap that the JVM has taken from the system. */
    long memoryBytes();

    /** Bytes of these that are in use. */
    long memoryUsedBytes();
  }

  private final DocumentResponses documents;
  private final RuntimeInfo machine;
  private final Supplier<InstanceInfo> self;
  private final Clock clock;
  private final long startedNs;

  /** @param self the node's own instance as of now */
  public StatusEndpoint(
      DocumentResponses documents, RuntimeInfo machine, Supplier<InstanceInfo> self, Clock clock) {
    this.documents = documents;
    this.machine = machine;
    this.self = self;
    this.clock = clock;
    this.startedNs = clock.monotonicNs();
  }

  @Override
  public Response handle(Request request) {
    long uptimeMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - startedNs);
    StatusInfo status = new StatusInfo(
        machine.cpus(),
        machine.memoryBytes(),
        machine.memoryUsedBytes(),
        uptimeMs,
        List.of(),
        List.of(),
        List.of(),
        self.get());
    return documents.status(status, request);
  }
}
