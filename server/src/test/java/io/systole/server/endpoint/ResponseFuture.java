// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A response callback whose result can be awaited. */
final class ResponseFuture implements ResponseCallback {
  private static final long TIMEOUT_SECONDS = 20;

  private final CompletableFuture<Response> response = new CompletableFuture<>();
  private volatile Runnable onAbandoned = () -> {};

  /** Calls an endpoint and waits for the response. */
  static Response by(AsyncRequestHandler endpoint, Request request) {
    return start(endpoint, request).await();
  }

  /** Calls an endpoint. */
  static ResponseFuture start(AsyncRequestHandler endpoint, Request request) {
    ResponseFuture future = new ResponseFuture();
    endpoint.handle(request, future);
    return future;
  }

  Response await() {
    return response.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
  }

  boolean isDone() {
    return response.isDone();
  }

  /** Simulates the close of the connection by its peer. */
  void abandon() {
    onAbandoned.run();
  }

  @Override
  public void send(Response sent) {
    response.complete(sent);
  }

  @Override
  public void onAbandoned(Runnable action) {
    onAbandoned = action;
  }
}
