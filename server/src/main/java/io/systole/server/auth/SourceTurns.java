// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** A queue of tasks from which each source takes one in turn. Thread-safe. */
final class SourceTurns {
  /** Guarded by the monitor; in the order of their turns, none empty. */
  private final Map<Object, Queue<Runnable>> tasks = new LinkedHashMap<>();

  synchronized void add(Object source, Runnable task) {
    tasks.computeIfAbsent(source, added -> new ArrayDeque<>()).add(task);
  }

  /** Returns and removes the next task, or null if there is none. */
  synchronized @Nullable Runnable poll() {
    var turns = tasks.entrySet().iterator();
    if (!turns.hasNext()) {
      return null;
    }
    var turn = turns.next();
    Object source = turn.getKey();
    Queue<Runnable> queue = turn.getValue();
    turns.remove();
    Runnable next = queue.poll();
    if (!queue.isEmpty()) {
      tasks.put(source, queue);
    }
    return next;
  }
}
