// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.route.Answer;
import io.systole.server.route.LateEndpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** An answer that comes when it comes. */
final class Answered implements Answer {
  private static final long PATIENCE_SECONDS = 20;

  private final CompletableFuture<Reply> reply = new CompletableFuture<>();
  private volatile Runnable onAbandoned = () -> {};

  /** Asks, and waits for the answer. */
  static Reply by(LateEndpoint endpoint, Request request) {
    return begun(endpoint, request).await();
  }

  /** Asks. */
  static Answered begun(LateEndpoint endpoint, Request request) {
    Answered answered = new Answered();
    endpoint.handle(request, answered);
    return answered;
  }

  Reply await() {
    return reply.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
  }

  boolean hasCome() {
    return reply.isDone();
  }

  /** What the connection does when its peer goes away. */
  void abandon() {
    onAbandoned.run();
  }

  @Override
  public void send(Reply sent) {
    reply.complete(sent);
  }

  @Override
  public void onAbandoned(Runnable action) {
    onAbandoned = action;
  }
}
