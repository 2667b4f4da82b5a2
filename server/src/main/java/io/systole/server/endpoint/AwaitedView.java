// SPDX-License-Identifier: Apache-2.0
package io.systole.server.endpoint;

import io.systole.server.view.EncodedView;
import io.systole.server.view.Taker;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Waits for a view on a worker's thread. */
final class AwaitedView implements Taker {
  /** The first answer of a large registry takes seconds; no client waits longer. */
  static final long PATIENCE_SECONDS = 30;

  private final CompletableFuture<Optional<EncodedView>> taken = new CompletableFuture<>();

  @Override
  public void take(EncodedView view) {
    taken.complete(Optional.of(view));
  }

  @Override
  public void absent() {
    taken.complete(Optional.empty());
  }

  @Override
  public void failed(Throwable cause) {
    taken.completeExceptionally(cause);
  }

  /**
   * Waits for the answer; null when there is no such application.
   *
   * @throws java.util.concurrent.CompletionException when it can't be made, or not in time
   */
  @Nullable
  EncodedView view() {
    return taken.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join().orElse(null);
  }
}
