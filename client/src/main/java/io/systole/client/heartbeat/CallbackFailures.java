// SPDX-License-Identifier: Apache-2.0
package io.systole.client.heartbeat;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A counter of what the user's callbacks have thrown. Each kind of callback is logged the first
 * time only, since a callback that fails once may fail with every heartbeat. Any thread may call.
 */
public final class CallbackFailures {
  private static final Logger log = LoggerFactory.getLogger(CallbackFailures.class);

  /** The kinds of code that the user hands in and event loops call. */
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
  public void note(CallbackKind kind, Throwable cause) {
    count.incrementAndGet();
    AtomicBoolean logged = isLogged.get(kind);
    if (logged != null && logged.compareAndSet(false, true)) {
      log.error(
          "callback failed, further failures of its kind are only counted kind={}", kind, cause);
    }
  }

  /** Returns how many calls have failed. */
  public long count() {
    return count.get();
  }
}
