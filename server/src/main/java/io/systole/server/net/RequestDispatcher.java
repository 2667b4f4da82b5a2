// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.Ascii;
import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.PathSegments;
import io.systole.protocol.http.QueryParameters;
import io.systole.protocol.http.RequestHead;
import io.systole.server.auth.Authenticator;
import io.systole.server.auth.ConnectionIdentity;
import io.systole.server.auth.Role;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.AuthFailure;
import io.systole.server.metrics.Counters.Denied;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.metrics.RequestClass;
import io.systole.server.metrics.RequestKind;
import io.systole.server.net.PreencodedResponses.ResponseFraming;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import io.systole.server.route.Route;
import io.systole.server.route.Route.Pool;
import io.systole.server.route.Router;
import io.systole.server.route.SourceAddress;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Resolves request heads to routes and invokes their handlers. Shared by all connections. */
final class RequestDispatcher {
  /**
   * A decoded request head with its route, while the body is being received.
   *
   * @param isRefusal whether the response is that to a request denied or refused for its sender
   * @param kind null if the latency of the request is not recorded
   */
  record PendingRequest(
      Route route,
      Request request,
      ResponseFraming framing,
      boolean isRefusal,
      @Nullable RequestKind kind) {
    /** Placeholder for no request. */
    static final PendingRequest NONE = new PendingRequest(
        Route.onEventLoop(request -> Response.INTERNAL_ERROR),
        new Request(HttpMethod.GET, Map.of(), QueryParameters.EMPTY, Map.of()),
        ResponseFraming.PLAIN,
        false,
        null);

    PendingRequest(
        Route route, Request request, ResponseFraming framing, @Nullable RequestKind kind) {
      this(route, request, framing, false, kind);
    }

    boolean takesBody() {
      return route.takesBody();
    }

    /** Returns the same request, whose response closes the connection. */
    PendingRequest closing() {
      return new PendingRequest(route, request, framing.closing(), isRefusal, kind);
    }
  }

  private static final Logger LOG = LoggerFactory.getLogger(RequestDispatcher.class);

  /** The route of {@code OPTIONS *}, which applies to the server as a whole (RFC 9110 §9.3.7). */
  private static final Route SERVER_WIDE = Route.onEventLoop(request -> Response.NO_CONTENT);

  /** List-based fields that handlers read; their lines are combined (RFC 9110 §5.3). */
  private static final Set<String> LIST_FIELDS =
      Set.of("accept", "accept-encoding", "content-encoding", "if-none-match");

  /** The parameter of a delta request that waits for a change. */
  private static final String LONG_POLL = "wait=";

  private final HeartbeatMatcher heartbeatMatcher;
  private final Router router;
  private final WorkerPool workers;
  private final Quotas quotas;
  private final Supplier<AccessPolicy> access;
  private final Counters counters;

  /** Null if no credentials are required. */
  private final @Nullable Authenticator authenticator;

  RequestDispatcher(
      HeartbeatMatcher heartbeatMatcher,
      Router router,
      WorkerPool workers,
      Quotas quotas,
      Supplier<AccessPolicy> access,
      Counters counters,
      @Nullable Authenticator authenticator) {
    this.heartbeatMatcher = heartbeatMatcher;
    this.router = router;
    this.workers = workers;
    this.quotas = quotas;
    this.access = access;
    this.counters = counters;
    this.authenticator = authenticator;
  }

  /**
   * Decodes a head and finds its route. A replication request of a server that is not an allowed
   * peer is denied, and any request whose sender may not send it is refused. The result is
   * independent of the read buffer.
   *
   * @param sender the remote address, or null if unknown
   * @param identity has authenticated the request; null if no credentials are required
   * @throws HttpParseException if a percent-encoded octet of the path or the query is invalid
   */
  PendingRequest resolve(
      RequestHead head,
      ResponseFraming framing,
      @Nullable SocketAddress sender,
      @Nullable ConnectionIdentity identity)
      throws HttpParseException {
    byte[] bytes = head.bytes();
    QueryParameters query = head.queryStart() < 0
        ? QueryParameters.EMPTY
        : QueryParameters.of(bytes, head.queryStart(), head.queryEnd());
    if (isServerWide(head)) {
      return new PendingRequest(
          SERVER_WIDE,
          requestOf(head, query, Map.of()).withSender(sender),
          framing,
          RequestKind.OTHER);
    }
    PathSegments path = PathSegments.of(bytes, head.pathStart(), head.pathEnd());
    Router.Match match = router.match(head.method(), path);
    Request request = requestOf(head, query, match.variables()).withSender(sender);
    boolean isReplication = request.isReplicated() || match.route().isForPeers();
    if (isReplication && !access.get().isPeer(sender)) {
      return deny(head, framing, Denied.UNKNOWN_PEER, sender);
    }
    RequestKind kind = kindOf(match, head);
    if (identity == null) {
      return new PendingRequest(match.route(), request, framing, kind);
    }
    AuthFailure failure =
        identity.refusalOf(head, roleOf(match, isReplication), match.variables().get("app"));
    return failure == null
        ? new PendingRequest(
            match.route(), request.withPrincipal(identity.principal()), framing, kind)
        : refuse(head, framing, AccessPolicy.responseTo(failure));
  }

  /** Returns the kind of a request; null for a long poll, whose latency is its waiting time. */
  private static @Nullable RequestKind kindOf(Router.Match match, RequestHead head) {
    if (match.route().isForPeers()) {
      return RequestKind.OTHER;
    }
    return switch (match.requestClass()) {
      case CRITICAL -> match.route().isHeartbeat() ? RequestKind.HEARTBEAT : RequestKind.OTHER;
      case REGISTRATION -> RequestKind.REGISTRATION;
      case DELTA -> hasWait(head) ? null : RequestKind.DELTA;
      case FULL_FETCH -> RequestKind.FULL_FETCH;
    };
  }

  /** A peer replicates requests of the protocol, not those of operators. */
  private static @Nullable Role roleOf(Router.Match match, boolean isReplication) {
    Role role = match.role();
    return isReplication && role != null && role != Role.MANAGE ? Role.PEER : role;
  }

  private static boolean isServerWide(RequestHead head) {
    return head.method() == HttpMethod.OPTIONS && head.bytes()[head.pathStart()] == '*';
  }

  /** Returns whether a request is refused unless its sender has a role. */
  boolean requiresRole(RequestHead head) {
    try {
      PathSegments path = PathSegments.of(head.bytes(), head.pathStart(), head.pathEnd());
      return !isServerWide(head) && router.match(head.method(), path).role() != null;
    } catch (HttpParseException malformed) {
      // Rejected by resolve, whoever sent it.
      return false;
    }
  }

  /** Returns a request whose response has the denial's status; its body is discarded. */
  PendingRequest deny(
      RequestHead head, ResponseFraming framing, Denied denial, @Nullable SocketAddress sender) {
    counters.denied(denial);
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "denied reason={} method={} host={} (from {})",
          denial,
          head.method(),
          head.header("host"),
          sender);
    }
    return refuse(head, framing, Response.ofStatus(AccessPolicy.statusOf(denial)));
  }

  /** Returns a request with this response; its body is discarded. */
  private static PendingRequest refuse(
      RequestHead head, ResponseFraming framing, Response response) {
    Request request = new Request(head.method(), Map.of(), QueryParameters.EMPTY, Map.of());
    return new PendingRequest(Route.onEventLoop(any -> response), request, framing, true, null);
  }

  /**
   * Returns the class of a request by its undecoded head.
   *
   * @throws HttpParseException if the path can't be decoded
   */
  RequestClass classOf(RequestHead head) throws HttpParseException {
    RequestClass found =
        router.classOf(head.method(), head.bytes(), head.pathStart(), head.pathEnd());
    return found == RequestClass.DELTA && hasWait(head) ? RequestClass.FULL_FETCH : found;
  }

  /** Returns whether the query has the parameter of a long poll. */
  private static boolean hasWait(RequestHead head) {
    byte[] bytes = head.bytes();
    int lengthMin = LONG_POLL.length();
    for (int at = head.queryStart(); at >= 0 && at + lengthMin <= head.queryEnd(); at++) {
      if ((at == head.queryStart() || bytes[at - 1] == '&')
          && Ascii.equalsExactly(bytes, at, at + lengthMin, LONG_POLL)) {
        return true;
      }
    }
    return false;
  }

  /** Counts a body that was discarded because it exceeded a quota. */
  void countRefusedBody(Limit exceeded) {
    counters.exhausted(Resource.BODIES, exceeded);
  }

  private static Request requestOf(
      RequestHead head, QueryParameters query, Map<String, String> variables) {
    Map<String, String> headers = new HashMap<>();
    for (int i = 0; i < head.headerCount(); i++) {
      String name = head.headerName(i).toLowerCase(Locale.ROOT);
      if (LIST_FIELDS.contains(name)) {
        headers.merge(name, head.headerValue(i), (list, more) -> list + ", " + more);
      } else {
        headers.putIfAbsent(name, head.headerValue(i));
      }
    }
    return new Request(head.method(), variables, query, headers);
  }

  /** Invokes a handler. Returns a 500 if it throws. */
  Response call(RequestHandler handler, Request request) {
    try {
      return handler.handle(request);
    } catch (RuntimeException | Error failure) {
      // Errors too: an uncaught one on a worker would leave the response pending forever.
      return internalError(request, failure);
    }
  }

  /**
   * Invokes a handler on a thread of the pool, or responds with 503 if its queue or the quota of
   * body bytes is full. The body counts towards the quota until the handler returns.
   *
   * @param source the source address whose quota the body is charged to
   */
  void callOnWorker(
      Pool pool,
      RequestHandler handler,
      Request request,
      SourceAddress source,
      ResponseCallback callback) {
    submit(task -> workers.offer(pool, task), handler, request, source, callback);
  }

  /** Invokes a handler on the event loop in its turn; otherwise like {@link #callOnWorker}. */
  void callDeferred(
      DeferredRequests deferred,
      RequestHandler handler,
      Request request,
      SourceAddress source,
      ResponseCallback callback) {
    submit(deferred::offer, handler, request, source, callback);
  }

  /** @param queue returns false if it is full */
  private void submit(
      Predicate<Runnable> queue,
      RequestHandler handler,
      Request request,
      SourceAddress source,
      ResponseCallback callback) {
    int bodyBytes = request.body().length;
    Limit exceeded = quotas.bodyBytes().reserve(source, bodyBytes);
    if (exceeded != null) {
      countRefusedBody(exceeded);
      refuse(callback);
      return;
    }
    boolean isTaken = queue.test(() -> {
      Response response = call(handler, request);
      quotas.bodyBytes().release(source, bodyBytes);
      callback.send(response);
    });
    if (!isTaken) {
      quotas.bodyBytes().release(source, bodyBytes);
      refuse(callback);
    }
  }

  private void refuse(ResponseCallback callback) {
    counters.workRefused();
    callback.send(Response.OVERLOADED);
  }

  /** Invokes an asynchronous handler. Sends a 500 if it throws. */
  void callAsync(AsyncRequestHandler handler, Request request, ResponseCallback callback) {
    try {
      handler.handle(request, callback);
    } catch (RuntimeException | Error failure) {
      callback.send(internalError(request, failure));
    }
  }

  private Response internalError(Request request, Throwable failure) {
    counters.failed();
    LOG.error("request handler failed method={}", request.method(), failure);
    return Response.INTERNAL_ERROR;
  }

  HeartbeatMatcher heartbeatMatcher() {
    return heartbeatMatcher;
  }

  /** Returns the present policy. */
  AccessPolicy access() {
    return access.get();
  }

  /** Returns the authenticator, or null if no credentials are required. */
  @Nullable
  Authenticator authenticator() {
    return authenticator;
  }

  Quotas quotas() {
    return quotas;
  }
}
