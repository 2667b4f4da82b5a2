// SPDX-License-Identifier: Apache-2.0
package io.systole.server.management;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.QueryParameters;
import io.systole.protocol.model.InstanceKey;
import io.systole.protocol.model.LeaseInfo;
import io.systole.protocol.time.Clock;
import io.systole.server.eviction.EvictionRules;
import io.systole.server.eviction.EvictionSettings;
import io.systole.server.eviction.Evictor;
import io.systole.server.registry.ByteBounds;
import io.systole.server.registry.Instances;
import io.systole.server.registry.LeaseKey.LookupKey;
import io.systole.server.registry.LeaseRules;
import io.systole.server.registry.Origin;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RegistrySettings;
import io.systole.server.registry.RenewalRate;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.time.ManualClock;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A registry and its evictor with a manual clock, and the requests of an operator. */
final class ManagementFixture {
  static final long INTERVAL_MS = 60_000;
  private static final JsonMapper JSON = new JsonMapper();

  final ManualClock clock = new ManualClock();
  final Registry registry;
  final RenewalRate rate;
  final Evictor evictor;
  RemovalHistory history = RemovalHistory.NONE;

  ManagementFixture(EvictionRules rules, boolean isStrict) {
    this(rules, isStrict, 1);
  }

  ManagementFixture(EvictionRules rules, boolean isStrict, int clients) {
    registry = new Registry(
        new RegistrySettings(
            10_000, true, 180_000, 10_000, new LeaseRules(isStrict, clients, 0, 1)),
        clock);
    rate = new RenewalRate(registry.renewal()::count);
    evictor =
        new Evictor(registry, rate, clock, new EvictionSettings(INTERVAL_MS, 900_000, 10, rules));
    registry.expiry().hideIf(evictor::isHidden);
  }

  void register(String app, String id, String zone) {
    var instance = Instances.up(app, id, 90).toBuilder()
        .leaseInfo(new LeaseInfo(30, 90, 0, 0, 0, 0))
        .metadata(zone.isEmpty() ? Map.of() : Map.of("zone", zone));
    registry.register(instance.build(), Origin.CLIENT);
  }

  void register(String app, int count) {
    for (int i = 0; i < count; i++) {
      register(app, app.toLowerCase(Locale.ROOT) + "-" + i, "");
    }
  }

  /** Sets the maximum of the bytes of retained changes, from which readers count as behind. */
  void limitChanges(long bytesMax) {
    RegistrySettings settings = registry.settings();
    registry.limit(new RegistrySettings(
        settings.leasesMax(),
        true,
        settings.deltaRetentionMs(),
        settings.deltaChangesMax(),
        settings.rules(),
        new ByteBounds(Integer.MAX_VALUE, Long.MAX_VALUE, bytesMax)));
  }

  void renew(InstanceKey key) {
    registry.renew(LookupKey.of(key), clock.monotonicNs(), Registry.NO_TIMESTAMP, Origin.CLIENT);
  }

  /** Renews one instance a number of times and ends the minute. */
  void renewed(String app, String id, int times) {
    for (int i = 0; i < times; i++) {
      renew(new InstanceKey(app, id));
    }
    rate.endMinute();
  }

  Response explain(String app, String id) {
    return send(new ExplainEndpoint(registry, evictor, history), app, id);
  }

  static Response send(RequestHandler endpoint, String app, String id) {
    return endpoint.handle(
        new Request(HttpMethod.GET, Map.of("app", app, "id", id), QueryParameters.EMPTY, Map.of()));
  }

  /** Sends a request with a query, such as {@code app=PAY&limit=1}, to a guarded endpoint. */
  static Response get(QueryRules rules, RequestHandler endpoint, String query) {
    return rules.guard(endpoint).handle(request(Map.of(), query));
  }

  /** Returns a request from 10.0.0.9:4711. */
  static Request request(Map<String, String> variables, String query) {
    byte[] bytes = query.getBytes(StandardCharsets.US_ASCII);
    try {
      return new Request(
              HttpMethod.GET, variables, QueryParameters.of(bytes, 0, bytes.length), Map.of())
          .withSender(InetSocketAddress.createUnresolved("10.0.0.9", 4711));
    } catch (HttpParseException malformed) {
      throw new IllegalArgumentException(query, malformed);
    }
  }

  JsonNode explanation(String app, String id) {
    return read(explain(app, id));
  }

  static JsonNode read(Response response) {
    return JSON.readTree(response.bytes());
  }

  SimulateEndpoint simulations(Clock time) {
    return new SimulateEndpoint(registry, evictor, time, INTERVAL_MS);
  }
}
