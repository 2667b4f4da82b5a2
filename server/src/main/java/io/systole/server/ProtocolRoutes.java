// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static io.systole.protocol.http.HttpMethod.DELETE;
import static io.systole.protocol.http.HttpMethod.GET;
import static io.systole.protocol.http.HttpMethod.POST;
import static io.systole.protocol.http.HttpMethod.PUT;

import io.systole.protocol.model.InstanceInfo;
import io.systole.server.config.ServerConfig;
import io.systole.server.endpoint.ApplicationsEndpoint;
import io.systole.server.endpoint.CachedResponses;
import io.systole.server.endpoint.CancelEndpoint;
import io.systole.server.endpoint.DeltaEndpoint;
import io.systole.server.endpoint.DocumentResponses;
import io.systole.server.endpoint.InstanceByIdEndpoint;
import io.systole.server.endpoint.InstanceEndpoint;
import io.systole.server.endpoint.MetadataEndpoint;
import io.systole.server.endpoint.OverrideEndpoint;
import io.systole.server.endpoint.Readiness;
import io.systole.server.endpoint.RegisterEndpoint;
import io.systole.server.endpoint.RenewEndpoint;
import io.systole.server.endpoint.ReplicationBatchEndpoint;
import io.systole.server.endpoint.RequestBodyDecoder;
import io.systole.server.endpoint.StatusEndpoint;
import io.systole.server.endpoint.StatusOverridesEndpoint;
import io.systole.server.events.EventStreams;
import io.systole.server.events.LongPolls;
import io.systole.server.registry.Registry;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import io.systole.server.time.Clock;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/** Every resource of the protocol under every prefix (spec §1.2). */
final class ProtocolRoutes {
  private static final RequestHandler NO_DELTA = request -> Response.ofStatus(403);

  /** What every server outside AWS answers to a scaling group (spec §1.2 item 14). */
  private static final RequestHandler NO_SCALING_GROUPS = request -> Response.BAD_REQUEST;

  private final ServerConfig config;
  private final Registry registry;
  private final Clock clock;
  private final ResponseCache views;
  private final CachedResponses ready;
  private final EventStreams streams;
  private final LongPolls polls;
  private final DocumentResponses documents;
  private final Readiness readiness;
  private final RenewEndpoint renew;
  private final StatusEndpoint status;

  /**
   * @param self the node's own instance as of now
   * @param events wakes streams and polls
   */
  ProtocolRoutes(
      ServerConfig config,
      Registry registry,
      Supplier<InstanceInfo> self,
      Clock clock,
      ScheduledExecutorService events) {
    this.config = config;
    this.registry = registry;
    this.clock = clock;
    this.views = new ResponseCache(registry, clock);
    this.ready = new CachedResponses(views);
    this.streams = new EventStreams(views, registry.changes(), clock, config.events(), events);
    this.polls = new LongPolls(registry.changes(), config.events(), events);
    this.documents = new DocumentResponses();
    this.readiness = new Readiness(clock, config.waitWhenEmptyMs(), config.waitAfterRestoreMs());
    this.renew = new RenewEndpoint(registry, documents, clock);
    this.status = new StatusEndpoint(documents, new JvmInfo(), self, clock);
  }

  /** The heartbeat, which has a door of its own beside its route. */
  RenewEndpoint renew() {
    return renew;
  }

  /** The answers that are made ahead, whose thread is to be ended. */
  ResponseCache views() {
    return views;
  }

  EventStreams streams() {
    return streams;
  }

  LongPolls polls() {
    return polls;
  }

  /** Notes that leases of an earlier run were restored. */
  void markRestored() {
    readiness.markRestored();
  }

  void addTo(Router.Builder routes) {
    for (String prefix : config.basePaths()) {
      addReads(routes, prefix);
      addChanges(routes, prefix);
      routes.add(
          GET,
          prefix + "/serverinfo/statusoverrides",
          Route.slow(new StatusOverridesEndpoint(registry)));
      routes.add(GET, prefix + "/status", Route.quick(status));
      routes.add(PUT, prefix + "/asg/{name}/status", Route.quick(NO_SCALING_GROUPS));
    }
    routes.add(
        GET, "/serverinfo/statusoverrides", Route.slow(new StatusOverridesEndpoint(registry)));
  }

  private void addReads(Router.Builder routes, String prefix) {
    Route delta = config.isDeltaDisabled()
        ? Route.quick(NO_DELTA)
        : list(new DeltaEndpoint(ready, polls, views));
    routes
        .add(GET, prefix + "/apps", list(ApplicationsEndpoint.everything(ready, streams)))
        .add(GET, prefix + "/apps/delta", delta)
        .add(GET, prefix + "/apps/{app}", list(ApplicationsEndpoint.application(ready, streams)))
        .add(
            GET,
            prefix + "/vips/{vip}",
            list(ApplicationsEndpoint.behind(CacheScope.VIP, ready, streams)))
        .add(
            GET,
            prefix + "/svips/{vip}",
            list(ApplicationsEndpoint.behind(CacheScope.SECURE_VIP, ready, streams)))
        .add(
            GET,
            prefix + "/instances/{id}",
            Route.late(new InstanceByIdEndpoint(registry, views, documents)));
  }

  /** Lists are not told before the node is ready. */
  private Route list(AsyncRequestHandler endpoint) {
    return Route.late(readiness.guard(endpoint));
  }

  private void addChanges(Router.Builder routes, String prefix) {
    String instance = prefix + "/apps/{app}/{id}";
    OverrideEndpoint override = new OverrideEndpoint(registry);
    routes
        .add(POST, prefix + "/apps/{app}", Route.sized(register()))
        .add(PUT, instance, Route.quick(renew))
        .add(DELETE, instance, Route.quick(new CancelEndpoint(registry)))
        .add(GET, instance, Route.quick(new InstanceEndpoint(registry, documents)))
        .add(PUT, instance + "/status", Route.quick(override))
        .add(DELETE, instance + "/status", Route.quick(override))
        .add(PUT, instance + "/metadata", Route.quick(new MetadataEndpoint(registry)))
        .add(
            POST,
            prefix + "/peerreplication/batch",
            Route.sized(new ReplicationBatchEndpoint(registry, bodies(), clock)));
  }

  private RegisterEndpoint register() {
    return new RegisterEndpoint(registry, documents, bodies(), clock);
  }

  private RequestBodyDecoder bodies() {
    return new RequestBodyDecoder(config.net().bodyBytesMax());
  }
}
