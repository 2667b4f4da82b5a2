// SPDX-License-Identifier: Apache-2.0
package io.systole.server.view;

import io.systole.server.view.ViewKey.Extent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Answers that were made and still hold. Any thread finds them; one thread keeps them right. */
final class ReadyViews {
  /*
   * The views thread takes away what a change outdated, then publishes up to which change it has
   * done so (volatile), then adds what it makes. So whoever reads that mark first and then finds a
   * view, has one that shows every change up to the mark.
   */

  /**
   * Names come from outside, so this and a bound in bytes limit which of their answers are kept.
   */
  static final int NAMED_MAX = 256;

  private static final class Ready {
    final EncodedView view;

    /** Of the last change of what is shown. */
    final long shownVersion;

    /** When the oldest change that a delta tells was made; in other answers when it was made. */
    final long oldestNs;

    /** Written by any thread; which of two at once wins doesn't matter. */
    volatile long askedNs;

    Ready(EncodedView view, long shownVersion, long oldestNs, long askedNs) {
      this.view = view;
      this.shownVersion = shownVersion;
      this.oldestNs = oldestNs;
      this.askedNs = askedNs;
    }
  }

  private final Map<ViewKey, Ready> ready = new ConcurrentHashMap<>();
  private final long retentionNs;
  private final long namedBytesMax;
  private volatile long upTo;

  /** @param namedBytesMax how many bytes the answers of names take at most */
  ReadyViews(long retentionMs, long namedBytesMax) {
    this.namedBytesMax = namedBytesMax;
    this.retentionNs = TimeUnit.MILLISECONDS.toNanos(retentionMs);
  }

  /** The answer, if there is one that shows all changes up to this one. Any thread. */
  @Nullable
  EncodedView find(ViewKey key, long version, long nowNs) {
    if (upTo < version) {
      return null;
    }
    Ready found = ready.get(key);
    if (found == null || hasAged(key, found, nowNs)) {
      return null;
    }
    found.askedNs = nowNs;
    return found.view;
  }

  private boolean hasAged(ViewKey key, Ready found, long nowNs) {
    return key.extent() == Extent.DELTA && nowNs - found.oldestNs > retentionNs;
  }

  /** Up to which change the answers are right. Any thread. */
  long upTo() {
    return upTo;
  }

  /** Takes away what the model's changes have outdated, and says so. */
  void advance(Model model, long nowNs) {
    ready.entrySet().removeIf(entry -> {
      Ready each = entry.getValue();
      return each.shownVersion != model.version(entry.getKey())
          || hasAged(entry.getKey(), each, nowNs);
    });
    upTo = model.at().version();
  }

  /** Keeps an answer that the model has made just now. */
  void add(ViewKey key, EncodedView view, Model model, long nowNs) {
    if (model.isKnown(key)) {
      long oldestNs = model.oldestToldNs(nowNs);
      ready.put(key, new Ready(view, model.version(key), oldestNs, nowNs));
      if (key.extent().isNamed()) {
        bound();
      }
    }
  }

  /** Lets the named answers go that were asked for longest ago, while there are too many. */
  private void bound() {
    List<Map.Entry<ViewKey, Ready>> named = new ArrayList<>();
    long bytes = 0;
    for (Map.Entry<ViewKey, Ready> entry : ready.entrySet()) {
      if (entry.getKey().extent().isNamed()) {
        named.add(entry);
        bytes += entry.getValue().view.heldBytesMax();
      }
    }
    while (named.size() > NAMED_MAX || bytes > namedBytesMax) {
      Map.Entry<ViewKey, Ready> leastAsked =
          Collections.min(named, Comparator.comparingLong(entry -> entry.getValue().askedNs));
      named.remove(leastAsked);
      ready.remove(leastAsked.getKey());
      bytes -= leastAsked.getValue().view.heldBytesMax();
    }
  }

  /** Lets go of what nobody has asked for since then. */
  void forgetSilent(long silenceNs, long nowNs) {
    ready.values().removeIf(each -> nowNs - each.askedNs > silenceNs);
  }
}
