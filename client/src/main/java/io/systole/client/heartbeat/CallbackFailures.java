// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A counter of exceptions thrown by application callbacks. Only the first failure of each kind is
 * logged, since a callback that fails once may fail with every heartbeat. Thread-safe.
 */
public final class CallbackFailures {
  private static final Logger log = LoggerFactory.getLogger(CallbackFailures.class);

  /** The kinds of application callbacks. */
  public enum CallbackKind {
    OBSERVER,
    LISTENER,
    SOURCE,
    UPDATE
  }

  private final AtomicLong count = new AtomicLong();
  private final Map<CallbackKind, AtomicBoolean> isLogged = new EnumMap<>(CallbackKind.class);

  public CallbackFailures() {
    for (CallbackKind kind : CallbackKind.values()) {
      isLogged.put(kind, new AtomicBoolean());
    }
  }

  /** Counts a failure, and logs it if it is the first of its kind. */
  public void record(CallbackKind kind, Throwable cause) {
    count.incrementAndGet();
    AtomicBoolean logged = isLogged.get(kind);
    if (logged != null && logged.compareAndSet(false, true)) {
      log.error(
          "callback threw, further failures of this kind are counted only, kind={}", kind, cause);
    }
  }

  /** Returns the number of failed calls. */
  public long count() {
    return count.get();
  }
}
