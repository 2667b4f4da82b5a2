// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.systole.protocol.http.HttpMethod;
import io.systole.protocol.http.HttpParseException;
import io.systole.protocol.http.PathSegments;
import io.systole.protocol.http.QueryParameters;
import io.systole.protocol.http.RequestHead;
import io.systole.server.metrics.Counters;
import io.systole.server.metrics.Counters.Denied;
import io.systole.server.metrics.Counters.Limit;
import io.systole.server.metrics.Counters.Resource;
import io.systole.server.net.ResponseWriter.ResponseFraming;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.HeartbeatMatcher;
import io.systole.server.route.Request;
import io.systole.server.route.RequestHandler;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import io.systole.server.route.Route;
import io.systole.server.route.Route.Pool;
import io.systole.server.route.Router;
import java.net.SocketAddress;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Where requests go, shared by all connections: from heads to endpoints, and back to replies. */
final class RequestDispatcher {
  private static final Logger LOG = LoggerFactory.getLogger(RequestDispatcher.class);

  /** Answers {@code OPTIONS *}, which asks for the server as a whole (RFC 9110 §9.3.7). */
  private static final Route SERVER_WIDE = Route.quick(request -> Response.NO_CONTENT);

  /** The lists among the fields that endpoints read: all their lines are one (RFC 9110 §5.3). */
  private static final Set<String> LIST_FIELDS =
      Set.of("accept", "accept-encoding", "content-encoding", "if-none-match");

  private final HeartbeatMatcher renewMatcher;
  private final Router router;
  private final WorkerPool workers;
  private final Quotas budgets;
  private final AccessPolicy access;
  private final Counters counters;

  RequestDispatcher(
      HeartbeatMatcher renewMatcher,
      Router router,
      WorkerPool workers,
      Quotas budgets,
      AccessPolicy access,
      Counters counters) {
    this.renewMatcher = renewMatcher;
    this.router = router;
    this.workers = workers;
    this.budgets = budgets;
    this.access = access;
    this.counters = counters;
  }

  /**
   * Decodes a head and finds its route. The exchange doesn't depend on the read buffer.
   *
   * @param sender the other end of the connection, null when it is not known
   * @throws HttpParseException when an escape in the path or the query can't be decoded
   */
  PendingRequest open(RequestHead head, ResponseFraming manner, @Nullable SocketAddress sender)
      throws HttpParseException {
    byte[] bytes = head.bytes();
    QueryParameters query = head.queryStart() < 0
        ? QueryParameters.EMPTY
        : QueryParameters.of(bytes, head.queryStart(), head.queryEnd());
    if (head.method() == HttpMethod.OPTIONS && bytes[head.pathStart()] == '*') {
      return new PendingRequest(SERVER_WIDE, requestOf(head, query, Map.of()).from(sender), manner);
    }
    PathSegments path = PathSegments.of(bytes, head.pathStart(), head.pathEnd());
    Router.Match match = router.match(head.method(), path);
    return new PendingRequest(
        match.route(), requestOf(head, query, match.variables()).from(sender), manner);
  }

  /** Answers a denied request in its place; its body is read and dropped. */
  PendingRequest deny(
      RequestHead head, ResponseFraming manner, Denied denial, @Nullable SocketAddress sender) {
    counters.denied(denial);
    if (LOG.isDebugEnabled()) {
      LOG.debug(
          "denied reason={} method={} host={} (from {})",
          denial,
          head.method(),
          head.header("host"),
          sender);
    }
    Response response = Response.ofStatus(AccessPolicy.statusOf(denial));
    Request request = new Request(head.method(), Map.of(), QueryParameters.EMPTY, Map.of());
    return new PendingRequest(Route.quick(any -> response), request, manner);
  }

  /** Counts a body that was dropped because too many bytes of bodies were arriving. */
  void bodyRefused(Limit exceeded) {
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

  /** Has the endpoint answer; a defect of ours costs its sender a 500 and nobody else anything. */
  Response call(RequestHandler endpoint, Request request) {
    try {
      return endpoint.handle(request);
    } catch (RuntimeException | Error defect) {
      // An error too: on a worker nobody else would see it, and the answer would be owed for ever.
      return failed(request, defect);
    }
  }

  /**
   * Has a thread of the pool answer, or refuses when too much waits for one. The body counts among
   * those that are held until it was used.
   *
   * @param source pays for the body out of its share
   */
  void delegate(
      Pool pool,
      RequestHandler endpoint,
      Request request,
      SourceAddress source,
      ResponseCallback callback) {
    int bodyBytes = request.body().length;
    Limit exceeded = budgets.bodyBytes().reserve(source, bodyBytes);
    if (exceeded != null) {
      bodyRefused(exceeded);
      refuseWork(callback);
      return;
    }
    boolean isTaken = workers.offer(pool, () -> {
      Response response = call(endpoint, request);
      budgets.bodyBytes().release(source, bodyBytes);
      callback.send(response);
    });
    if (!isTaken) {
      budgets.bodyBytes().release(source, bodyBytes);
      refuseWork(callback);
    }
  }

  private void refuseWork(ResponseCallback callback) {
    counters.workRefused();
    callback.send(Response.OVERLOADED);
  }

  /** Has the endpoint begin to answer. */
  void begin(AsyncRequestHandler endpoint, Request request, ResponseCallback callback) {
    try {
      endpoint.handle(request, callback);
    } catch (RuntimeException | Error defect) {
      callback.send(failed(request, defect));
    }
  }

  private Response failed(Request request, Throwable defect) {
    counters.failed();
    LOG.error("endpoint failed method={}", request.method(), defect);
    return Response.INTERNAL_ERROR;
  }

  HeartbeatMatcher renewMatcher() {
    return renewMatcher;
  }

  AccessPolicy access() {
    return access;
  }

  Quotas budgets() {
    return budgets;
  }
}
