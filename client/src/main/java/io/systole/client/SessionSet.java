// SPDX-License-Identifier: Apache-2.0
package io.systole.client;

import io.systole.client.heartbeat.GuardedListener;
import io.systole.client.heartbeat.RegistrationEvent;
import io.systole.client.heartbeat.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** The sessions of one event loop that have not ended, and how many of them are alive. */
final class SessionSet {
  private final List<Session> sessions = new ArrayList<>();
  private final List<CompletableFuture<Void>> whenEmpty = new ArrayList<>();
  private final @Nullable GuardedListener listening;
  private int alive;
  private int last;

  /** @param listening hears of every session, or null */
  SessionSet(@Nullable GuardedListener listening) {
    this.listening = listening;
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

  /** Notes what an event has made of a session. */
  void count(boolean wasAlive, Session session) {
    if (wasAlive != session.isAlive()) {
      alive += wasAlive ? -1 : 1;
    }
  }

  /** Forgets an ended session and tells whoever waits for its end. */
  void end(Session session) {
    Session moved = sessions.remove(sessions.size() - 1);
    if (moved != session) {
      sessions.set(session.index(), moved);
      moved.index(session.index());
    }
    session.reportIfEnded();
    reportWhenEmpty();
  }

  /**
   * Fills an array with the living sessions whose turn it is, each in turn.
   *
   * @return how many: {@code max}, or 0 when none lives
   */
  int nextAlive(Session[] turn, int max) {
    int count = 0;
    while (alive > 0 && count < max) {
      last = last + 1 >= sessions.size() ? 0 : last + 1;
      Session session = sessions.get(last);
      if (session.isAlive()) {
        turn[count++] = session;
      }
    }
    return count;
  }

  /** Returns those of this moment. */
  List<Session> all() {
    return List.copyOf(sessions);
  }

  /** Tells what happens to all of them at once: to each one's listener, and once to that of all. */
  void reportAll(RegistrationEvent event) {
    sessions.forEach(session -> session.listeners().reportOwn(event));
    if (listening != null) {
      listening.report(event);
    }
  }

  /** Completes the future as soon as no session is left. */
  void reportWhenEmpty(CompletableFuture<Void> future) {
    whenEmpty.add(future);
    reportWhenEmpty();
  }

  private void reportWhenEmpty() {
    if (sessions.isEmpty()) {
      whenEmpty.forEach(future -> future.complete(null));
      whenEmpty.clear();
    }
  }
}
