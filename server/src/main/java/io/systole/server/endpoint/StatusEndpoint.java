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
import java.util.stream.Stream;

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

  /**
   * The addresses of the peers.
   *
   * @param available those that accept this node's changes
   * @param unavailable the others
   */
  public record Replicas(List<String> available, List<String> unavailable) {
    List<String> registered() {
      return Stream.concat(available.stream(), unavailable.stream()).toList();
    }
  }

  private final DocumentResponses documents;
  private final RuntimeInfo runtime;
  private final Supplier<InstanceInfo> self;
  private final Supplier<Replicas> replicas;
  private final Clock clock;
  private final long startedNs;

  /**
   * Creates an endpoint.
   *
   * @param self returns the node's own instance
   * @param replicas returns the present peers
   */
  public StatusEndpoint(
      DocumentResponses documents,
      RuntimeInfo runtime,
      Supplier<InstanceInfo> self,
      Supplier<Replicas> replicas,
      Clock clock) {
    this.documents = documents;
    this.runtime = runtime;
    this.self = self;
    this.replicas = replicas;
    this.clock = clock;
    this.startedNs = clock.monotonicNs();
  }

  @Override
  public Response handle(Request request) {
    long uptimeMs = TimeUnit.NANOSECONDS.toMillis(clock.monotonicNs() - startedNs);
    Replicas peers = replicas.get();
    StatusInfo status = new StatusInfo(
        runtime.cpus(),
        runtime.memoryBytes(),
        runtime.memoryUsedBytes(),
        uptimeMs,
        peers.registered(),
        peers.available(),
        peers.unavailable(),
        self.get());
    return documents.status(status, request);
  }
}
