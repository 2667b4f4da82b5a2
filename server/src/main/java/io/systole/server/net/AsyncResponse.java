// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import io.netty.channel.EventLoop;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An answer that is owed until somebody sends it, or until its connection goes. */
final class AsyncResponse implements ResponseCallback {
  /*
   *     OWED --send, any thread----------> SENT
   *     OWED --abandon, the loop's thread--> ABANDONED
   *
   * Both ends are final, and all fields that aren't final are guarded by `this`. Actions run outside
   * the monitor: the delivery on the loop, the abandonment on the loop or where it is said too late.
   */

  private enum State {
    PENDING,
    SENT,
    ABANDONED
  }

  private static final Logger LOG = LoggerFactory.getLogger(AsyncResponse.class);

  private final EventLoop loop;
  private final Consumer<Response> delivery;
  private State state = State.PENDING;
  private Runnable abandonment = AsyncResponse::doNothing;

  /** @param delivery takes the answer to its place; run on the loop, at most once */
  AsyncResponse(EventLoop loop, Consumer<Response> delivery) {
    this.loop = loop;
    this.delivery = delivery;
  }

  @Override
  public void send(Response response) {
    if (end(State.SENT) == null) {
      return;
    }
    if (loop.inEventLoop()) {
      delivery.accept(response);
      return;
    }
    try {
      loop.execute(() -> delivery.accept(response));
    } catch (RejectedExecutionException stopped) {
      // The node has stopped, and nobody waits.
      LOG.debug("answered after the stop status={}", response.status());
    }
  }

  @Override
  public void onAbandoned(Runnable action) {
    synchronized (this) {
      if (state == State.PENDING) {
        abandonment = action;
        return;
      }
      if (state == State.SENT) {
        return;
      }
    }
    action.run();
  }

  /** Tells whoever was to answer that the connection has gone. */
  void abandon() {
    Runnable action = end(State.ABANDONED);
    if (action == null) {
      return;
    }
    try {
      action.run();
    } catch (RuntimeException | Error defect) {
      // Others still wait to be told.
      LOG.error("an abandoned answer's action failed", defect);
    }
  }

  /** Ends the wait; returns what an abandonment runs, or null when the wait had ended before. */
  private synchronized @Nullable Runnable end(State end) {
    if (state != State.PENDING) {
      return null;
    }
    state = end;
    Runnable action = abandonment;
    abandonment = AsyncResponse::doNothing;
    return action;
  }

  /** What is run for those who said nothing. */
  private static void doNothing() {}
}
