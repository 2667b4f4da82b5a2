// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import java.util.concurrent.CompletableFuture;

/**
 * The future of a mirror's first copy. A failure goes to those who wait at that moment; who comes
 * later waits for the next attempt. Written on the mirror's thread; any thread waits.
 */
final class MirrorReadiness {
  private volatile CompletableFuture<Void> next = new CompletableFuture<>();

  /** Returns a future of the caller's own. */
  CompletableFuture<Void> future() {
    return next.copy();
  }

  void complete() {
    next.complete(null);
  }

  /** Fails those who wait; nothing once there was a first copy. */
  void fail(Throwable cause) {
    CompletableFuture<Void> failed = next;
    if (!failed.isDone()) {
      next = new CompletableFuture<>();
      failed.completeExceptionally(cause);
    }
  }

  /** Fails those who wait, now and later, unless there was a first copy. */
  void close(Throwable cause) {
    next.completeExceptionally(cause);
  }
}
