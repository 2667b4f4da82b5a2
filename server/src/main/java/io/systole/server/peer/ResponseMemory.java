// SPDX-License-Identifier: Apache-2.0
package io.systole.server.peer;

import java.util.concurrent.atomic.AtomicLong;

/**
 * A limit of the memory that the responses of all peers occupy together. A connection may have
 * {@link #FREE_BYTES} beside it, so that large responses of some peers cannot make the usual ones
 * of others fail. Thread-safe.
 */
final class ResponseMemory {
  /** Several times the response to a full batch of accepted items. */
  static final int FREE_BYTES = 64 * 1024;

  private final AtomicLong left;

  /** @param bytesMax of all connections together, beside the free bytes */
  ResponseMemory(long bytesMax) {
    this.left = new AtomicLong(bytesMax);
  }

  /** Returns the share of a new connection. */
  Share newShare() {
    return new Share();
  }

  /**
   * The memory of one connection: that of the response that is received, or of the last one, until
   * the next request or the close. Confined to an event loop.
   */
  final class Share {
    private long held;

    /** Makes the share large enough for an array; returns false if others hold too much. */
    boolean hold(int bytes) {
      long more = Math.max(0, bytes - FREE_BYTES) - held;
      if (more <= 0) {
        return true;
      }
      if (left.addAndGet(-more) < 0) {
        left.addAndGet(more);
        return false;
      }
      held += more;
      return true;
    }

    void release() {
      left.addAndGet(held);
      held = 0;
    }
  }
}
