// SPDX-License-Identifier: Apache-2.0
package io.systole.client.mirror;

import java.util.concurrent.CompletableFuture;

/**
 * The future of a mirror's first snapshot. A failure fails the current future only; later callers
 * wait for the next attempt. Thread-safe; completed on the mirror's thread.
 */
final class MirrorReadiness {
  private volatile CompletableFuture<Void> next = new CompletableFuture<>();

  /** Returns a copy of the current future. */
  CompletableFuture<Void> future() {
    return next.copy();
  }

  void complete() {
    next.complete(null);
  }

  /** Fails the current future, unless there was a first snapshot. */
  void fail(Throwable cause) {
    CompletableFuture<Void> failed = next;
    if (!failed.isDone()) {
      next = new CompletableFuture<>();
      failed.completeExceptionally(cause);
    }
  }

  /** Fails the current and all later futures, unless there was a first snapshot. */
  void close(Throwable cause) {
    next.completeExceptionally(cause);
  }
}
