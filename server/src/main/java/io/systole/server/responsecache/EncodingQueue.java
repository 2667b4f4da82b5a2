// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Answers that are being prepared, in the order in which they were asked for. One thread. */
final class EncodingQueue {
  private static final Logger LOG = LoggerFactory.getLogger(EncodingQueue.class);

  private record Pending(IncrementalEncoding preparation, List<RepresentationCallback> callbacks) {}

  private final Map<CacheKey, Pending> pending = new LinkedHashMap<>();

  boolean isEmpty() {
    return pending.isEmpty();
  }

  /** Has them wait too, if the answer is being prepared; returns whether it is. */
  boolean join(CacheKey key, List<RepresentationCallback> callbacks) {
    Pending begun = pending.get(key);
    return begun != null && begun.callbacks().addAll(callbacks);
  }

  void add(CacheKey key, IncrementalEncoding preparation, List<RepresentationCallback> callbacks) {
    pending.put(key, new Pending(preparation, new ArrayList<>(callbacks)));
  }

  /**
   * Prepares until the turn is over.
   *
   * @param onReady takes what can be put together now, and who waits for it
   */
  void takeTurn(
      ReadModel model,
      BooleanSupplier isOver,
      BiConsumer<CacheKey, List<RepresentationCallback>> onReady) {
    Iterator<Map.Entry<CacheKey, Pending>> each = pending.entrySet().iterator();
    while (each.hasNext()) {
      Map.Entry<CacheKey, Pending> next = each.next();
      if (!isReady(next.getValue(), model, isOver)) {
        return;
      }
      each.remove();
      onReady.accept(next.getKey(), next.getValue().callbacks());
    }
  }

  private static boolean isReady(Pending begun, ReadModel model, BooleanSupplier isOver) {
    try {
      return model.prepare(begun.preparation(), isOver);
    } catch (RuntimeException | Error wrong) {
      // Whoever puts the answer together meets it again, and tells those who wait.
      LOG.debug("not prepared", wrong);
      return true;
    }
  }

  /** Prepares nothing any more; returns who waited. */
  List<RepresentationCallback> giveUp() {
    List<RepresentationCallback> callbacks = new ArrayList<>();
    pending.values().forEach(each -> callbacks.addAll(each.callbacks()));
    pending.clear();
    return callbacks;
  }
}
