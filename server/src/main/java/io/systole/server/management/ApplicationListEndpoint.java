// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceStatus;
import io.systole.server.eviction.EvictionDecision;
import io.systole.server.eviction.Evictor;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists the applications in alphabetical order: {@code GET /systole/applications}. Linear in the
 * leases.
 */
public final class ApplicationListEndpoint implements RequestHandler {
  /** The permitted query. */
  public static final QueryRules QUERY = QueryRules.of("search", "limit");

  private final Registry registry;
  private final Evictor evictor;

  /** The leases of an application. */
  private static final class ApplicationCounts {
    final String name;
    final StatusCounts statuses = new StatusCounts();
    int expired;

    ApplicationCounts(String name) {
      this.name = name;
    }
  }

  /** The number of instances by status. Not thread-safe. */
  static final class StatusCounts {
    private static final InstanceStatus[] STATUSES = InstanceStatus.values();

    private final int[] counts = new int[STATUSES.length];
    private int sum;

    void add(InstanceStatus status) {
      counts[status.ordinal()]++;
      sum++;
    }

    int sum() {
      return sum;
    }

    /** Adds those greater than 0. */
    void putInto(ObjectNode node) {
      for (InstanceStatus status : STATUSES) {
        if (counts[status.ordinal()] > 0) {
          node.put(status.name(), counts[status.ordinal()]);
        }
      }
    }
  }

  public ApplicationListEndpoint(Registry registry, Evictor evictor) {
    this.registry = registry;
    this.evictor = evictor;
  }

  @Override
  public Response handle(Request request) {
    TextSearch search = TextSearch.of(request);
    int limit = QueryRules.limit(request);
    EvictionDecision decision = evictor.decision();
    Map<String, ApplicationCounts> all = new HashMap<>();
    registry.inspector().forEachInstance((document, override, deadlineNs, lastContactNs) -> {
      ApplicationCounts counts = all.computeIfAbsent(document.app(), ApplicationCounts::new);
      counts.statuses.add(document.status());
      if (decision.nowNs() > deadlineNs) {
        counts.expired++;
      }
    });
    FirstSelection<ApplicationCounts> first =
        new FirstSelection<>(limit, Comparator.comparing(counts -> counts.name));
    for (ApplicationCounts counts : all.values()) {
      if (search.matches(counts.name)) {
        first.add(counts);
      }
    }
    ObjectNode response =
        JsonResponses.object().put("total", all.size()).put("matching", first.added());
    ArrayNode applications = response.putArray("applications");
    Map<String, Integer> protectedByApp = decision.protectedByApp();
    for (ApplicationCounts counts : first.inOrder()) {
      ObjectNode node =
          applications.addObject().put("name", counts.name).put("instances", counts.statuses.sum());
      counts.statuses.putInto(node.putObject("statuses"));
      node.put("expired", counts.expired)
          .put("protected", protectedByApp.getOrDefault(counts.name, 0));
    }
    return JsonResponses.ok(response);
  }
}
