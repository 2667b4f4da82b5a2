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

/** A response that is pending until it is sent or until its connection closes. Thread-safe. */
final class AsyncResponse implements ResponseCallback {
  /*
   *     PENDING --send, any thread-----------> SENT
   *     PENDING --abandon, the loop's thread--> ABANDONED
   *
   * SENT and ABANDONED are terminal. The mutable fields are guarded by `this`. Actions run outside
   * the monitor: the delivery on the loop; the abandonment on the loop, or on the thread that
   * registers it after the connection has closed.
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

  /** @param delivery writes the response; called on the loop, at most once */
  AsyncResponse(EventLoop loop, Consumer<Response> delivery) {
    this.loop = loop;
    this.delivery = delivery;
  }

  @Override
  public void send(Response response) {
    if (complete(State.SENT) == null) {
      return;
    }
    if (loop.inEventLoop()) {
      delivery.accept(response);
      return;
    }
    try {
      loop.execute(() -> delivery.accept(response));
    } catch (RejectedExecutionException stopped) {
      // The loops end after their connections.
      LOG.debug("response discarded after shutdown status={}", response.status());
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

  /** Runs the abandonment action if the response is still pending. */
  void abandon() {
    Runnable action = complete(State.ABANDONED);
    if (action == null) {
      return;
    }
    try {
      action.run();
    } catch (RuntimeException | Error failure) {
      // The other pending responses must still be abandoned.
      LOG.error("abandonment action failed", failure);
    }
  }

  /** Moves to a terminal state; returns the abandonment action, or null if already terminal. */
  private synchronized @Nullable Runnable complete(State end) {
    if (state != State.PENDING) {
      return null;
    }
    state = end;
    Runnable action = abandonment;
    abandonment = AsyncResponse::doNothing;
    return action;
  }

  /** The placeholder until an action is registered. */
  private static void doNothing() {}
}
