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

/**
 * The representations being encoded incrementally, in the order of the requests. Not thread-safe.
 */
final class EncodingQueue {
  private static final Logger LOG = LoggerFactory.getLogger(EncodingQueue.class);

  private record Pending(IncrementalEncoding encoding, List<RepresentationCallback> callbacks) {}

  private final Map<CacheKey, Pending> pending = new LinkedHashMap<>();

  boolean isEmpty() {
    return pending.isEmpty();
  }

  /** Adds callbacks to an encoding in progress; returns false if there is none. */
  boolean join(CacheKey key, List<RepresentationCallback> callbacks) {
    Pending entry = pending.get(key);
    return entry != null && entry.callbacks().addAll(callbacks);
  }

  void add(CacheKey key, IncrementalEncoding encoding, List<RepresentationCallback> callbacks) {
    pending.put(key, new Pending(encoding, new ArrayList<>(callbacks)));
  }

  /**
   * Encodes until the time slice is over. An assembly is not divided: it may end later, and at
   * least one is made if it is the next.
   *
   * @param isOver returns whether the time slice is over
   * @param onReady receives the keys that can be assembled now, with their callbacks
   */
  void advance(
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
      if (isOver.getAsBoolean()) {
        return;
      }
    }
  }

  private static boolean isReady(Pending entry, ReadModel model, BooleanSupplier isOver) {
    try {
      return model.advance(entry.encoding(), isOver);
    } catch (RuntimeException | Error wrong) {
      // The assembly fails the same way, and reports it to the callbacks.
      LOG.debug("incremental encoding failed", wrong);
      return true;
    }
  }

  /** Discards all encodings in progress; returns their callbacks. */
  List<RepresentationCallback> removeAll() {
    List<RepresentationCallback> callbacks = new ArrayList<>();
    pending.values().forEach(each -> callbacks.addAll(each.callbacks()));
    pending.clear();
    return callbacks;
  }
}
