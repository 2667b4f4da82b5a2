// SPDX-License-Identifier: Apache-2.0
package io.systole.server.cluster.history;

import io.systole.server.cluster.history.ClientOperation.Kind;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** The requests of all clients of a run. Thread-safe. */
public final class OperationLog {
  private final Queue<ClientOperation> operations = new ConcurrentLinkedQueue<>();

  /** Adds an ended request. */
  public void add(ClientOperation operation) {
    operations.add(operation);
  }

  /** Returns the requests so far. */
  public List<ClientOperation> operations() {
    return List.copyOf(operations);
  }

  /** Returns the number of requests by kind and status. */
  public Map<Kind, Map<Integer, Integer>> outcomes() {
    Map<Kind, Map<Integer, Integer>> outcomes = new TreeMap<>();
    operations.forEach(operation -> outcomes
        .computeIfAbsent(operation.kind(), kind -> new TreeMap<>())
        .merge(operation.status(), 1, Integer::sum));
    return outcomes;
  }
}
