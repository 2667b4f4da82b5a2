// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.responsecache.CacheKey.CacheScope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A cache of current representations. Look-ups are thread-safe; one thread updates it. */
final class RepresentationCache {
  /*
   * The encoding thread removes the entries that a change outdated, then publishes the version up
   * to which it has done so (volatile), then adds new entries. So a reader that reads this version
   * first gets an entry that reflects all changes up to it.
   */

  /** Limit on named entries, besides the one in bytes, as the names are chosen by clients. */
  static final int NAMED_MAX = 256;

  private static final class CacheEntry {
    final CachedRepresentation representation;

    /** Version of the last change of the instances shown. */
    final long shownVersion;

    /** Time of the oldest change in a delta; for others the time of encoding. */
    final long oldestNs;

    /** Time of the last request. Written by any thread; either of two concurrent writes may win. */
    volatile long requestedNs;

    CacheEntry(
        CachedRepresentation representation, long shownVersion, long oldestNs, long requestedNs) {
      this.representation = representation;
      this.shownVersion = shownVersion;
      this.oldestNs = oldestNs;
      this.requestedNs = requestedNs;
    }
  }

  private final Map<CacheKey, CacheEntry> entries = new ConcurrentHashMap<>();
  private final long retentionNs;
  private final LongSupplier namedBytesMax;
  private volatile long validVersion;

  /**
   * Creates a cache.
   *
   * @param namedBytesMax returns the limit on the bytes of named entries
   */
  RepresentationCache(long retentionMs, LongSupplier namedBytesMax) {
    this.namedBytesMax = namedBytesMax;
    this.retentionNs = TimeUnit.MILLISECONDS.toNanos(retentionMs);
  }

  /**
   * Returns the representation if it reflects all changes up to {@code version}, else null.
   * Thread-safe.
   */
  @Nullable
  CachedRepresentation find(CacheKey key, long version, long nowNs) {
    if (validVersion < version) {
      return null;
    }
    CacheEntry found = entries.get(key);
    if (found == null || isExpired(key, found, nowNs)) {
      return null;
    }
    found.requestedNs = nowNs;
    return found.representation;
  }

  private boolean isExpired(CacheKey key, CacheEntry found, long nowNs) {
    return key.scope() == CacheScope.DELTA && nowNs - found.oldestNs > retentionNs;
  }

  /** Returns the version up to which outdated entries are removed. Thread-safe. */
  long validVersion() {
    return validVersion;
  }

  /** Removes the entries outdated by the model's changes, and publishes the version. */
  void advance(ReadModel model, long nowNs) {
    entries.entrySet().removeIf(entry -> {
      CacheEntry each = entry.getValue();
      return each.shownVersion != model.version(entry.getKey())
          || isExpired(entry.getKey(), each, nowNs);
    });
    validVersion = model.at().version();
  }

  /** Adds a representation that the model has just encoded. */
  void add(CacheKey key, CachedRepresentation representation, ReadModel model, long nowNs) {
    if (model.hasInstances(key)) {
      long oldestNs = model.oldestDeltaChangeNs(nowNs);
      entries.put(key, new CacheEntry(representation, model.version(key), oldestNs, nowNs));
      if (key.scope().isNamed()) {
        removeSurplus();
      }
    }
  }

  /** Removes the least recently requested named entries while there are too many. */
  private void removeSurplus() {
    List<Map.Entry<CacheKey, CacheEntry>> named = new ArrayList<>();
    long bytes = 0;
    long bytesMax = namedBytesMax.getAsLong();
    for (Map.Entry<CacheKey, CacheEntry> entry : entries.entrySet()) {
      if (entry.getKey().scope().isNamed()) {
        named.add(entry);
        bytes += entry.getValue().representation.retainedBytesMax();
      }
    }
    while (named.size() > NAMED_MAX || bytes > bytesMax) {
      Map.Entry<CacheKey, CacheEntry> leastRequested =
          Collections.min(named, Comparator.comparingLong(entry -> entry.getValue().requestedNs));
      named.remove(leastRequested);
      entries.remove(leastRequested.getKey());
      bytes -= leastRequested.getValue().representation.retainedBytesMax();
    }
  }

  /** Removes entries not requested for that long. */
  void removeUnused(long unusedNs, long nowNs) {
    entries.values().removeIf(each -> nowNs - each.requestedNs > unusedNs);
  }
}
