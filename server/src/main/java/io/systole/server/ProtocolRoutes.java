// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static io.systole.protocol.http.HttpMethod.DELETE;
import static io.systole.protocol.http.HttpMethod.GET;
import static io.systole.protocol.http.HttpMethod.POST;
import static io.systole.protocol.http.HttpMethod.PUT;
import static io.systole.server.metrics.RequestClass.DELTA;
import static io.systole.server.metrics.RequestClass.FULL_FETCH;
import static io.systole.server.metrics.RequestClass.REGISTRATION;

import io.systole.protocol.model.InstanceInfo;
import io.systole.protocol.renewal.RenewalFrame;
import io.systole.protocol.time.Clock;
import io.systole.server.auth.Role;
import io.systole.server.config.ServerConfig;
import io.systole.server.endpoint.ApplicationsEndpoint;
import io.systole.server.endpoint.CachedResponses;
import io.systole.server.endpoint.CancelEndpoint;
import io.systole.server.endpoint.DeltaEndpoint;
import io.systole.server.endpoint.DocumentResponses;
import io.systole.server.endpoint.InstanceByIdEndpoint;
import io.systole.server.endpoint.InstanceEndpoint;
import io.systole.server.endpoint.LeaseField;
import io.systole.server.endpoint.MetadataEndpoint;
import io.systole.server.endpoint.OverrideEndpoint;
import io.systole.server.endpoint.Readiness;
import io.systole.server.endpoint.RegisterEndpoint;
import io.systole.server.endpoint.RenewEndpoint;
import io.systole.server.endpoint.RenewalsEndpoint;
import io.systole.server.endpoint.ReplicationBatchEndpoint;
import io.systole.server.endpoint.RequestBodyDecoder;
import io.systole.server.endpoint.StatusEndpoint;
import io.systole.server.endpoint.StatusOverridesEndpoint;
import io.systole.server.events.EventStreams;
import io.systole.server.events.LongPolls;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.RequestClass;
import io.systole.server.registry.Registry;
import io.systole.server.registry.RenewedSlots;
import io.systole.server.responsecache.CacheKey.CacheScope;
import io.systole.server.responsecache.ResponseCache;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.route.Route;
import io.systole.server.route.Router;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/** The routes of the Eureka protocol under every base path (spec §1.2). */
final class ProtocolRoutes {
  private static final RequestHandler NO_DELTA = request -> Response.ofStatus(403);

  /** The handler of scaling groups, as on every server outside AWS (spec §1.2 item 14). */
  private static final RequestHandler NO_SCALING_GROUPS = request -> Response.BAD_REQUEST;

  private final ServerConfig config;
  private final Registry registry;
  private final Clock clock;
  private final Counters counters;
  private final String runId;
  private final Supplier<RenewedSlots> currentPeerRecorder;
  private final RequestBodyDecoder bodyDecoder;
  private final ResponseCache responseCache;
  private final CachedResponses cachedResponses;
  private final EventStreams streams;
  private final LongPolls polls;
  private final DocumentResponses documents;
  private final Readiness readiness;
  private final RenewEndpoint renewEndpoint;
  private final RenewalsEndpoint renewalsEndpoint;
  private final RegisterEndpoint registerEndpoint;
  private final StatusEndpoint statusEndpoint;

  /**
   * @param self supplies the node's own instance
   * @param currentRecorder returns the recorder of leases that clients renew, of the current thread
   * @param currentPeerRecorder returns the one of leases that peers renew
   * @param replicas returns the present peers
   * @param runId identifies this run of the node to peers
   * @param events executor of streams and polls
   */
  ProtocolRoutes(
      ServerConfig config,
      Registry registry,
      Supplier<InstanceInfo> self,
      Supplier<RenewedSlots> currentRecorder,
      Supplier<RenewedSlots> currentPeerRecorder,
      Supplier<StatusEndpoint.Replicas> replicas,
      Clock clock,
      Counters counters,
      String runId,
      ScheduledExecutorService events) {
    this.config = config;
    this.registry = registry;
    this.clock = clock;
    this.counters = counters;
    this.runId = runId;
    this.responseCache = new ResponseCache(registry, clock);
    this.cachedResponses = new CachedResponses(responseCache);
    this.streams =
        new EventStreams(responseCache, registry.changes(), clock, config.events(), events);
    this.polls = new LongPolls(registry.changes(), config.events(), events);
    this.documents = new DocumentResponses();
    this.readiness = new Readiness(clock, config.waitWhenEmptyMs(), config.waitAfterRestoreMs());
    this.currentPeerRecorder = currentPeerRecorder;
    this.renewEndpoint =
        new RenewEndpoint(registry, documents, clock, currentRecorder, currentPeerRecorder);
    this.renewalsEndpoint = new RenewalsEndpoint(registry.handles(), clock, currentRecorder);
    this.bodyDecoder = new RequestBodyDecoder(config.net().bodyBytesMax());
    this.registerEndpoint = new RegisterEndpoint(registry, documents, bodyDecoder, clock);
    this.statusEndpoint = new StatusEndpoint(documents, new JvmInfo(), self, replicas, clock);
  }

  /** The heartbeat endpoint, which the fast path calls directly. */
  RenewEndpoint renewEndpoint() {
    return renewEndpoint;
  }

  /** The response cache, which the caller must close. */
  ResponseCache responseCache() {
    return responseCache;
  }

  EventStreams streams() {
    return streams;
  }

  LongPolls polls() {
    return polls;
  }

  /** Returns the guard of reads. */
  Readiness readiness() {
    return readiness;
  }

  /** Replaces the limit of decompressed bodies. */
  void limitBodies(int bytesMax) {
    bodyDecoder.limit(bytesMax);
  }

  /** Refuses registrations from now on. */
  void stopRegistrations() {
    registerEndpoint.stop();
  }

  void addTo(Router.Builder routes) {
    for (String prefix : config.basePaths()) {
      addReads(routes, prefix);
      addWrites(routes, prefix);
      routes.add(
          GET,
          prefix + "/serverinfo/statusoverrides",
          Route.onWorker(new StatusOverridesEndpoint(registry)));
      routes.add(GET, prefix + "/status", Route.onEventLoop(statusEndpoint));
      routes.add(
          PUT, prefix + "/asg/{name}/status", Role.REGISTER, Route.onEventLoop(NO_SCALING_GROUPS));
    }
    routes.add(
        GET, "/serverinfo/statusoverrides", Route.onWorker(new StatusOverridesEndpoint(registry)));
  }

  private void addReads(Router.Builder routes, String prefix) {
    Route delta = config.isDeltaDisabled()
        ? Route.onEventLoop(NO_DELTA)
        : list(new DeltaEndpoint(cachedResponses, polls, responseCache));
    routes
        .add(
            GET,
            prefix + "/apps",
            Role.READ,
            FULL_FETCH,
            list(ApplicationsEndpoint.everything(cachedResponses, streams)))
        .add(GET, prefix + "/apps/delta", Role.READ, DELTA, delta)
        .add(
            GET,
            prefix + "/apps/{app}",
            Role.READ,
            FULL_FETCH,
            list(ApplicationsEndpoint.application(cachedResponses, streams)))
        .add(
            GET,
            prefix + "/vips/{vip}",
            Role.READ,
            FULL_FETCH,
            list(ApplicationsEndpoint.behind(CacheScope.VIP, cachedResponses, streams)))
        .add(
            GET,
            prefix + "/svips/{vip}",
            Role.READ,
            FULL_FETCH,
            list(ApplicationsEndpoint.behind(CacheScope.SECURE_VIP, cachedResponses, streams)))
        .add(
            GET,
            prefix + "/instances/{id}",
            Role.READ,
            DELTA,
            Route.async(new InstanceByIdEndpoint(registry, responseCache, documents)));
  }

  /** Returns a route to lists, which are refused until the node is ready. */
  private Route list(AsyncRequestHandler endpoint) {
    return Route.async(readiness.guard(endpoint));
  }

  private void addWrites(Router.Builder routes, String prefix) {
    String instance = prefix + "/apps/{app}/{id}";
    OverrideEndpoint override = new OverrideEndpoint(registry);
    LeaseField leaseField = new LeaseField(registry.handles());
    routes
        .add(
            POST,
            prefix + "/apps/{app}",
            Role.REGISTER,
            REGISTRATION,
            Route.sized(registerEndpoint))
        .add(PUT, instance, Role.REGISTER, Route.heartbeat(leaseField.addTo(renewEndpoint)))
        .add(
            POST,
            prefix + RenewalFrame.PATH,
            Role.REGISTER,
            RequestClass.CRITICAL,
            Route.heartbeats(renewalsEndpoint))
        .add(DELETE, instance, Role.REGISTER, Route.onEventLoop(new CancelEndpoint(registry)))
        .add(
            GET,
            instance,
            Role.READ,
            DELTA,
            Route.onEventLoop(new InstanceEndpoint(registry, documents)))
        .add(PUT, instance + "/status", Role.REGISTER, Route.onEventLoop(override))
        .add(DELETE, instance + "/status", Role.REGISTER, Route.onEventLoop(override))
        .add(
            PUT,
            instance + "/metadata",
            Role.REGISTER,
            REGISTRATION,
            Route.onEventLoop(new MetadataEndpoint(registry)))
        .add(
            POST,
            prefix + "/peerreplication/batch",
            Role.PEER,
            REGISTRATION,
            Route.sizedForPeers(new ReplicationBatchEndpoint(
                registry, bodyDecoder, clock, counters, currentPeerRecorder, runId)));
  }
}
