// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.model.InstanceStatus;
import io.systole.protocol.time.Clock;
import io.systole.server.registry.LeaseInspector;
import io.systole.server.registry.Registry;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Lists instances by application and id: {@code GET /systole/instances}. Linear in the leases;
 * holds those of the response only.
 */
public final class InstanceListEndpoint implements RequestHandler {
  /** The permitted query. */
  public static final QueryRules QUERY = QueryRules.of("app", "status", "search", "limit");

  /**
   * Limit on the characters of the names in a response, which instances choose; those beyond it are
   * left out, as those beyond {@code limit} are.
   */
  static final int CHARS_MAX = 4 << 20;

  private static final Comparator<ListedInstance> BY_APP_AND_ID = Comparator.comparing(
          (ListedInstance listed) -> listed.document.app())
      .thenComparing(listed -> listed.document.id());

  private final Registry registry;
  private final Clock clock;

  private record ListedInstance(
      InstanceInfo document,
      @Nullable InstanceStatus override,
      long deadlineNs,
      long lastContactNs) {}

  public InstanceListEndpoint(Registry registry, Clock clock) {
    this.registry = registry;
    this.clock = clock;
  }

  @Override
  public Response handle(Request request) {
    String app = request.query().first("app");
    String upperCase = app == null ? null : app.toUpperCase(Locale.ROOT);
    InstanceStatus status = status(request.query().first("status"));
    TextSearch search = TextSearch.of(request);
    FirstSelection<ListedInstance> first =
        new FirstSelection<>(QueryRules.limit(request), BY_APP_AND_ID);
    LeaseInspector inspector = registry.inspector();
    int[] total = {0};
    inspector.forEachInstance((document, override, deadlineNs, lastContactNs) -> {
      total[0]++;
      if ((upperCase == null || document.app().equals(upperCase))
          && (status == null || document.status() == status)
          && search.matches(document)) {
        first.add(new ListedInstance(document, override, deadlineNs, lastContactNs));
      }
    });
    ObjectNode response =
        JsonResponses.object().put("total", total[0]).put("matching", first.added());
    if (upperCase != null && registry.leaseCounts().ofApp(upperCase) == 0) {
      response.put("note", HumanText.unknownApplication(upperCase));
    }
    long nowNs = clock.monotonicNs();
    ArrayNode instances = response.putArray("instances");
    long chars = 0;
    for (ListedInstance listed : first.inOrder()) {
      chars += charsOf(listed.document);
      if (chars > CHARS_MAX) {
        break;
      }
      put(listed, nowNs, inspector, instances.addObject());
    }
    return JsonResponses.ok(response);
  }

  private static @Nullable InstanceStatus status(@Nullable String name) {
    if (name == null) {
      return null;
    }
    InstanceStatus status = InstanceStatus.named(name.toUpperCase(Locale.ROOT));
    if (status == null) {
      throw unknownStatus("status", name);
    }
    return status;
  }

  /** Returns the refusal of a parameter that is not a status. */
  static QueryRules.InvalidQueryException unknownStatus(String parameter, String value) {
    return new QueryRules.InvalidQueryException(
        parameter + "=" + QueryRules.shown(value) + " is none of " + statusNames() + ".");
  }

  /** Returns the names of all statuses. */
  static String statusNames() {
    return Arrays.stream(InstanceStatus.values())
        .map(InstanceStatus::name)
        .collect(Collectors.joining(", "));
  }

  private static long charsOf(InstanceInfo document) {
    return document.app().length()
        + document.id().length()
        + Stream.of(document.hostName(), document.ipAddr())
            .filter(Objects::nonNull)
            .mapToLong(String::length)
            .sum();
  }

  private static void put(
      ListedInstance listed, long nowNs, LeaseInspector inspector, ObjectNode node) {
    InstanceInfo document = listed.document;
    node.put("app", document.app())
        .put("id", document.id())
        .put("hostName", document.hostName())
        .put("ipAddr", document.ipAddr())
        .put("port", document.port().port())
        .put("status", document.status().name())
        .put("overriddenStatus", listed.override == null ? null : listed.override.name());
    JsonResponses.putTimestamp(node, "lastRenewal", inspector.wallMsAt(listed.lastContactNs));
    LeaseExplanation.putValidity(nowNs, listed.deadlineNs, node);
  }
}
