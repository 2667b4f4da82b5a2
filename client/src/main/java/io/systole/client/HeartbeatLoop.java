// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.netty.channel.EventLoop;
import io.systole.client.api.InstanceSupplier;
import io.systole.client.heartbeat.Session;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.UnaryOperator;

/** One event loop of the client. Thread-safe: its methods run on the loop. */
final class HeartbeatLoop {
  private final EventLoop loop;
  private final SessionController controller;

  /** Confined to the event loop. */
  private boolean isClosed;

  /** @param controller confined to this loop from now on */
  HeartbeatLoop(EventLoop loop, SessionController controller) {
    this.loop = loop;
    this.controller = controller;
  }

  /** Opens the connections; before any other call. */
  void start() {
    loop.execute(controller::start);
  }

  /** Adds a session and begins to register it. */
  void begin(Session session, long ownIntervalMs) {
    var started = new CompletableFuture<Void>();
    started.exceptionally(closed -> {
      session.listeners().registered().completeExceptionally(closed);
      session.abandon();
      return null;
    });
    run(started, () -> controller.begin(session, ownIntervalMs));
  }

  /** Sets the interval of all current and future sessions and redistributes their due times. */
  void intervalMs(int newIntervalMs) {
    run(new CompletableFuture<>(), () -> controller.intervalMs(newIntervalMs));
  }

  /** Updates the document of an instance; completes when the server has accepted it. */
  CompletableFuture<Void> update(Session session, UnaryOperator<InstanceSupplier> change) {
    var done = new CompletableFuture<Void>();
    run(done, () -> controller.update(session, change, done));
    return done;
  }

  /** Suspends or resumes the heartbeats of an instance. */
  void pause(Session session, boolean isPaused) {
    run(new CompletableFuture<>(), () -> controller.pause(session, isPaused));
  }

  /** Cancels a session; completes when it has ended. */
  CompletableFuture<Void> cancel(Session session) {
    var ended = new CompletableFuture<Void>();
    run(ended, () -> {
      controller.cancel(session);
      session.ended().whenComplete((done, failure) -> {
        if (failure == null) {
          ended.complete(null);
        } else {
          ended.completeExceptionally(failure);
        }
      });
    });
    return ended;
  }

  /** Cancels all sessions; completes when no session is left. */
  CompletableFuture<Void> cancelAll() {
    var empty = new CompletableFuture<Void>();
    run(empty, () -> controller.cancelAll(empty));
    return empty;
  }

  /** Changes the send mode. */
  void pace(SendMode next) {
    run(new CompletableFuture<>(), () -> controller.pace(next));
  }

  /** Samples the state of this loop. */
  CompletableFuture<ClientState> state() {
    var state = new CompletableFuture<ClientState>();
    run(state, () -> state.complete(controller.state()));
    return state;
  }

  /** Closes all connections permanently. */
  CompletableFuture<Void> close() {
    var done = new CompletableFuture<Void>();
    run(done, () -> {
      isClosed = true;
      controller.close();
      done.complete(null);
    });
    return done;
  }

  boolean isCurrentThread() {
    return loop.inEventLoop();
  }

  /**
   * Runs a task on the loop. The future fails if the client is closed or the task throws; otherwise
   * the task completes it.
   */
  private void run(CompletableFuture<?> done, Runnable task) {
    try {
      loop.execute(() -> {
        if (isClosed) {
          fail(done);
          return;
        }
        try {
          task.run();
        } catch (RuntimeException | Error e) {
          done.completeExceptionally(e);
          throw e;
        }
      });
    } catch (RejectedExecutionException e) {
      fail(done);
    }
  }

  private static void fail(CompletableFuture<?> done) {
    done.completeExceptionally(new IllegalStateException("the client is closed"));
  }
}
