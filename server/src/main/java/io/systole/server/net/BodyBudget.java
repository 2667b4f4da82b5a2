// SPDX-License-Identifier: Apache-2.0
package io.systole.server.net;

import java.util.concurrent.atomic.AtomicLong;

/** How many bytes all connections together may hold of request bodies that are still arriving. */
final class BodyBudget {
  private final long bytesMax;
  private final AtomicLong held = new AtomicLong();

  BodyBudget(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Takes so many bytes more; false when there is no room, and then nothing was taken. */
  boolean reserve(long bytes) {
    if (held.addAndGet(bytes) <= bytesMax) {
      return true;
    }
    held.addAndGet(-bytes);
    return false;
  }

  void release(long bytes) {
    held.addAndGet(-bytes);
  }

  long heldBytes() {
    return held.get();
  }
}
