// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An answer that comes when it comes. */
final class Answered implements ResponseCallback {
  private static final long TIMEOUT_SECONDS = 20;

  private final CompletableFuture<Response> response = new CompletableFuture<>();
  private volatile Runnable onAbandoned = () -> {};

  /** Asks, and waits for the answer. */
  static Response by(AsyncRequestHandler endpoint, Request request) {
    return begun(endpoint, request).await();
  }

  /** Asks. */
  static Answered begun(AsyncRequestHandler endpoint, Request request) {
    Answered answered = new Answered();
    endpoint.handle(request, answered);
    return answered;
  }

  Response await() {
    return response.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
  }

  boolean hasCome() {
    return response.isDone();
  }

  /** What the connection does when its peer goes away. */
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
