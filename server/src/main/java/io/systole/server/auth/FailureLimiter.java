// SPDX-License-Identifier: Apache-2.0
package io.systole.server.auth;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Limits failed verifications of passwords by source address and minute. Thread-safe. Never called
 * for a request whose credentials are known.
 */
final class FailureLimiter {
  /** Above what a person mistypes; limits guessing to 20 passwords a minute per source. */
  static final int FAILURES_MAX = 20;

  /** The sources remembered; beyond that, the one unseen for the longest time is forgotten. */
  static final int SOURCES_MAX = 4_096;

  private static final long MINUTE_NS = TimeUnit.MINUTES.toNanos(1);

  private static final class Minute {
    private final long beganNs;
    private int failures;

    Minute(long beganNs) {
      this.beganNs = beganNs;
    }
  }

  /** Guarded by the monitor; the eldest is the one unseen for the longest time. */
  private final Map<Object, Minute> minutes = new LinkedHashMap<>(16, 0.75f, true) {
    private static final long serialVersionUID = 1;

    @Override
    protected boolean removeEldestEntry(Map.Entry<Object, Minute> eldest) {
      return size() > SOURCES_MAX;
    }
  };

  /**
   * Counts a verification as failed in advance, so that those in progress are limited too.
   *
   * @return whether the source may have a password verified
   */
  synchronized boolean tryAcquire(Object source, long nowNs) {
    Minute minute = minute(source, nowNs);
    if (minute.failures >= FAILURES_MAX) {
      return false;
    }
    minute.failures++;
    return true;
  }

  /** Refunds the count of a verification that has succeeded, or has not taken place. */
  synchronized void refund(Object source) {
    Minute minute = minutes.get(source);
    if (minute != null && minute.failures > 0) {
      minute.failures--;
    }
  }

  synchronized int sourceCount() {
    return minutes.size();
  }

  private Minute minute(Object source, long nowNs) {
    Minute current = minutes.get(source);
    if (current == null || nowNs - current.beganNs >= MINUTE_NS) {
      current = new Minute(nowNs);
      minutes.put(source, current);
    }
    return current;
  }
}
