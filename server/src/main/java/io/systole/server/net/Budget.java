// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.concurrent.atomic.AtomicLong;

/** How much of one thing all connections together may hold. Any thread takes and gives back. */
final class Budget {
  private final long max;
  private final AtomicLong held = new AtomicLong();

  Budget(long max) {
    this.max = max;
  }

  /** Takes so much more; false when there is no room, and then nothing was taken. */
  boolean reserve(long amount) {
    if (held.addAndGet(amount) <= max) {
      return true;
    }
    held.addAndGet(-amount);
    return false;
  }

  void release(long amount) {
    held.addAndGet(-amount);
  }

  long held() {
    return held.get();
  }
}
