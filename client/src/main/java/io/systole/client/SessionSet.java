// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.api.RegistrationEvent;
import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The active sessions of one event loop and a count of the live ones. */
final class SessionSet {
  private final List<Session> sessions = new ArrayList<>();
  private final List<CompletableFuture<Void>> emptyFutures = new ArrayList<>();
  private final @Nullable GuardedListener allListener;
  private int alive;
  private int lastReturned;

  /** @param allListener receives events that concern all sessions; null for none */
  SessionSet(@Nullable GuardedListener allListener) {
    this.allListener = allListener;
  }

  int size() {
    return sessions.size();
  }

  int alive() {
    return alive;
  }

  void add(Session session) {
    session.index(sessions.size());
    sessions.add(session);
  }

  /** Adjusts the count of live sessions after an event. */
  void count(boolean wasAlive, Session session) {
    if (wasAlive != session.isAlive()) {
      alive += wasAlive ? -1 : 1;
    }
  }

  /** Removes an ended session and completes futures that wait for its end. */
  void end(Session session) {
    Session moved = sessions.remove(sessions.size() - 1);
    if (moved != session) {
      sessions.set(session.index(), moved);
      moved.index(session.index());
    }
    session.completeIfEnded();
    completeWhenEmpty();
  }

  /**
   * Fills an array with the next live sessions in round-robin order.
   *
   * @return their number: {@code max}, or 0 if none is live
   */
  int nextAlive(Session[] batch, int max) {
    int count = 0;
    while (alive > 0 && count < max) {
      lastReturned = lastReturned + 1 >= sessions.size() ? 0 : lastReturned + 1;
      Session session = sessions.get(lastReturned);
      if (session.isAlive()) {
        batch[count++] = session;
      }
    }
    return count;
  }

  /**
   * Fills an array with the next live sessions in round-robin order, up to one that is not
   * accepted.
   *
   * @param max at most {@link #alive}
   * @return their number
   */
  int fillAliveWhile(Session[] batch, int max, Predicate<Session> isAccepted) {
    int count = 0;
    while (count < max) {
      int next = lastReturned + 1 >= sessions.size() ? 0 : lastReturned + 1;
      Session session = sessions.get(next);
      if (session.isAlive()) {
        if (!isAccepted.test(session)) {
          break;
        }
        batch[count++] = session;
      }
      lastReturned = next;
    }
    return count;
  }

  /** Returns a copy of the current sessions. */
  List<Session> all() {
    return List.copyOf(sessions);
  }

  /**
   * Reports an event that concerns all sessions: to each session's listener, and once to the
   * listener of all.
   */
  void reportAll(RegistrationEvent event) {
    sessions.forEach(session -> session.listeners().reportOwn(event));
    if (allListener != null) {
      allListener.report(event);
    }
  }

  /** Completes the future once there are no sessions. */
  void completeWhenEmpty(CompletableFuture<Void> future) {
    emptyFutures.add(future);
    completeWhenEmpty();
  }

  private void completeWhenEmpty() {
    if (sessions.isEmpty()) {
      emptyFutures.forEach(future -> future.complete(null));
      emptyFutures.clear();
    }
  }
}
