// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The requests and queries that wait for the encoding thread. Thread-safe. */
final class CacheRequestQueue {
  /*
   * The monitor of this object guards every field; it is held for a few instructions.
   */

  /** A query on the model, completed by one of the two. */
  record ModelQuery(Consumer<ReadModel> action, Consumer<? super Throwable> failed) {}

  private Map<CacheKey, List<RepresentationCallback>> requests = new LinkedHashMap<>();
  private List<ModelQuery> queries = new ArrayList<>();
  private boolean isClosed;

  /** Adds a request; returns false if the queue is closed. */
  synchronized boolean add(CacheKey key, RepresentationCallback callback) {
    return !isClosed && requests.computeIfAbsent(key, any -> new ArrayList<>()).add(callback);
  }

  /** Adds a query; returns false if the queue is closed. */
  synchronized boolean add(ModelQuery query) {
    return !isClosed && queries.add(query);
  }

  /** Removes and returns all requests, by key in the order of the first of each. */
  synchronized Map<CacheKey, List<RepresentationCallback>> takeRequests() {
    Map<CacheKey, List<RepresentationCallback>> taken = requests;
    requests = new LinkedHashMap<>();
    return taken;
  }

  /** Removes and returns all queries, in order. */
  synchronized List<ModelQuery> takeQueries() {
    List<ModelQuery> taken = queries;
    queries = new ArrayList<>();
    return taken;
  }

  /** Accepts nothing from now on; what is queued can still be taken. */
  synchronized void close() {
    isClosed = true;
  }

  synchronized boolean isClosed() {
    return isClosed;
  }
}
