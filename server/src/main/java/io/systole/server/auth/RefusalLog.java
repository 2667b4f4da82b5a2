// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.systole.protocol.http.RequestHead;
import io.systole.protocol.model.EscapedText;
import io.systole.protocol.time.Clock;
import io.systole.server.metrics.Counters.AuthFailure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The last refusals of requests by source, sender and reason, each logged once a minute.
 * Thread-safe.
 */
final class RefusalLog {
  /*
   * Clients choose the names and the paths, and some choose their addresses, so both the entries
   * and the log lines are bounded, by source and in total. Refusals that are not logged are counted
   * in their entry.
   */

  private static final Logger LOG = LoggerFactory.getLogger(RefusalLog.class);

  /** Beyond that, the source refused least recently is forgotten. */
  static final int SOURCES_MAX = 128;

  /** Beyond that, the entry of the source refused least recently is forgotten. */
  static final int ENTRIES_PER_SOURCE_MAX = 32;

  /** Log lines in a minute. */
  static final int LINES_MAX = 200;

  static final int LINES_PER_SOURCE_MAX = 20;

  /** Characters of a name and of a path. */
  private static final int TEXT_CHARS_MAX = 200;

  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

  private record Key(@Nullable String principal, AuthFailure reason) {}

  /** A number of lines in a minute. */
  private static final class LineLimit {
    private final int linesMax;
    private long beganNs;
    private int lines;

    LineLimit(int linesMax, long nowNs) {
      this.linesMax = linesMax;
      this.beganNs = nowNs;
    }

    boolean tryAcquire(long nowNs) {
      if (nowNs - beganNs >= MINUTE_NS) {
        beganNs = nowNs;
        lines = 0;
      }
      return lines++ < linesMax;
    }
  }

  private static final class Entry {
    private long count;
    private long lastMs;
    private String request = "";

    /** The time at which the request was taken. */
    private long requestNs;
  }

  private static final class Source {
    private final Map<Key, Entry> entries = leastRecentlyUsed(ENTRIES_PER_SOURCE_MAX);
    private final LineLimit lines;

    Source(long nowNs) {
      this.lines = new LineLimit(LINES_PER_SOURCE_MAX, nowNs);
    }
  }

  private final Clock clock;

  /** Guarded by the monitor, as everything in it. */
  private final Map<Object, Source> sources = leastRecentlyUsed(SOURCES_MAX);

  /** Guarded by the monitor. */
  private final LineLimit lines;

  RefusalLog(Clock clock) {
    this.clock = clock;
    this.lines = new LineLimit(LINES_MAX, clock.monotonicNs());
  }

  private static <K, V> Map<K, V> leastRecentlyUsed(int max) {
    return new LinkedHashMap<>(16, 0.75f, true) {
      private static final long serialVersionUID = 1;

      @Override
      protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
        return size() > max;
      }
    };
  }

  /**
   * Adds a refusal.
   *
   * @param source its text is logged
   * @param principal the name of the sender, or the one that it gave; null for none
   */
  void add(AuthFailure reason, Object source, @Nullable String principal, RequestHead head) {
    String name = principal == null ? null : limited(principal);
    String request;
    synchronized (this) {
      long nowNs = clock.monotonicNs();
      Source from = sources.computeIfAbsent(source, added -> new Source(nowNs));
      Entry entry = from.entries.computeIfAbsent(new Key(name, reason), added -> new Entry());
      entry.count++;
      entry.lastMs = clock.wallMs();
      if (entry.count > 1 && nowNs - entry.requestNs < MINUTE_NS) {
        return;
      }
      entry.requestNs = nowNs;
      entry.request = requestOf(head);
      if (!from.lines.tryAcquire(nowNs) || !lines.tryAcquire(nowNs)) {
        return;
      }
      request = entry.request;
    }
    LOG.warn(
        "request refused reason={} principal={} source={} request={}; further refusals of this"
            + " source, principal and reason are counted but not logged for one minute",
        nameOf(reason),
        name == null ? "-" : EscapedText.token(name),
        source,
        EscapedText.token(request));
  }

  /** Returns the method and the undecoded path; a query could contain something secret. */
  private static String requestOf(RequestHead head) {
    int from = head.pathStart();
    int length = Math.min(head.pathEnd() - from, TEXT_CHARS_MAX);
    return head.method() + " " + new String(head.bytes(), from, length, ISO_8859_1);
  }

  private static String limited(String text) {
    return text.length() <= TEXT_CHARS_MAX ? text : text.substring(0, TEXT_CHARS_MAX);
  }

  /** Returns the reason as in the metric. */
  private static String nameOf(AuthFailure reason) {
    return reason.name().toLowerCase(Locale.ROOT);
  }

  /** Returns the entries, the one refused last first. */
  List<Refusal> refusals() {
    List<Refusal> found = new ArrayList<>();
    synchronized (this) {
      sources.forEach((source, from) -> from.entries.forEach((key, entry) -> found.add(new Refusal(
          source.toString(),
          key.principal(),
          nameOf(key.reason()),
          entry.count,
          entry.lastMs,
          entry.request))));
    }
    found.sort(Comparator.comparingLong(Refusal::lastMs).reversed());
    return found;
  }
}
