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
import org.jspecify.annotations.Nullable;

/** Answers that were made and still hold. Any thread finds them; one thread keeps them right. */
final class RepresentationCache {
  /*
   * The views thread takes away what a change outdated, then publishes up to which change it has
   * done so (volatile), then adds what it makes. So whoever reads that mark first and then finds a
   * view, has one that shows every change up to the mark.
   */

  /**
   * Names come from outside, so this and a bound in bytes limit which of their answers are kept.
   */
  static final int NAMED_MAX = 256;

  private static final class CacheEntry {
    final CachedRepresentation view;

    /** Of the last change of what is shown. */
    final long shownVersion;

    /** When the oldest change that a delta tells was made; in other answers when it was made. */
    final long oldestNs;

    /** Written by any thread; which of two at once wins doesn't matter. */
    volatile long requestedNs;

    CacheEntry(CachedRepresentation view, long shownVersion, long oldestNs, long requestedNs) {
      this.view = view;
      this.shownVersion = shownVersion;
      this.oldestNs = oldestNs;
      this.requestedNs = requestedNs;
    }
  }

  private final Map<CacheKey, CacheEntry> ready = new ConcurrentHashMap<>();
  private final long retentionNs;
  private final long namedBytesMax;
  private volatile long upTo;

  /** @param namedBytesMax how many bytes the answers of names take at most */
  RepresentationCache(long retentionMs, long namedBytesMax) {
    this.namedBytesMax = namedBytesMax;
    this.retentionNs = TimeUnit.MILLISECONDS.toNanos(retentionMs);
  }

  /** The answer, if there is one that shows all changes up to this one. Any thread. */
  @Nullable
  CachedRepresentation find(CacheKey key, long version, long nowNs) {
    if (upTo < version) {
      return null;
    }
    CacheEntry found = ready.get(key);
    if (found == null || hasAged(key, found, nowNs)) {
      return null;
    }
    found.requestedNs = nowNs;
    return found.view;
  }

  private boolean hasAged(CacheKey key, CacheEntry found, long nowNs) {
    return key.extent() == CacheScope.DELTA && nowNs - found.oldestNs > retentionNs;
  }

  /** Up to which change the answers are right. Any thread. */
  long upTo() {
    return upTo;
  }

  /** Takes away what the model's changes have outdated, and says so. */
  void advance(ReadModel model, long nowNs) {
    ready.entrySet().removeIf(entry -> {
      CacheEntry each = entry.getValue();
      return each.shownVersion != model.version(entry.getKey())
          || hasAged(entry.getKey(), each, nowNs);
    });
    upTo = model.at().version();
  }

  /** Keeps an answer that the model has made just now. */
  void add(CacheKey key, CachedRepresentation view, ReadModel model, long nowNs) {
    if (model.isKnown(key)) {
      long oldestNs = model.oldestReportedNs(nowNs);
      ready.put(key, new CacheEntry(view, model.version(key), oldestNs, nowNs));
      if (key.extent().isNamed()) {
        bound();
      }
    }
  }

  /** Lets the named answers go that were asked for longest ago, while there are too many. */
  private void bound() {
    List<Map.Entry<CacheKey, CacheEntry>> named = new ArrayList<>();
    long bytes = 0;
    for (Map.Entry<CacheKey, CacheEntry> entry : ready.entrySet()) {
      if (entry.getKey().extent().isNamed()) {
        named.add(entry);
        bytes += entry.getValue().view.heldBytesMax();
      }
    }
    while (named.size() > NAMED_MAX || bytes > namedBytesMax) {
      Map.Entry<CacheKey, CacheEntry> leastRequested =
          Collections.min(named, Comparator.comparingLong(entry -> entry.getValue().requestedNs));
      named.remove(leastRequested);
      ready.remove(leastRequested.getKey());
      bytes -= leastRequested.getValue().view.heldBytesMax();
    }
  }

  /** Lets go of what nobody has asked for since then. */
  void forgetSilent(long silenceNs, long nowNs) {
    ready.values().removeIf(each -> nowNs - each.requestedNs > silenceNs);
  }
}
