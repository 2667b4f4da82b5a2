// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.responsecache.CacheKey.CacheScope;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** What views answered. */
public final class Asked implements RepresentationCallback {
  private static final long TIMEOUT_SECONDS = 20;

  private final CompletableFuture<Optional<CachedRepresentation>> response =
      new CompletableFuture<>();

  @Override
  public void take(CachedRepresentation view) {
    complete(Optional.of(view));
  }

  @Override
  public void absent() {
    complete(Optional.empty());
  }

  private void complete(Optional<CachedRepresentation> view) {
    if (!response.complete(view)) {
      throw new IllegalStateException("answered twice");
    }
  }

  @Override
  public void failed(Throwable cause) {
    response.completeExceptionally(cause);
  }

  boolean isAnswered() {
    return response.isDone();
  }

  Optional<CachedRepresentation> await() {
    return response.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Asks and waits; there is such a view. */
  public static CachedRepresentation view(ResponseCache views, CacheKey key) {
    Asked requested = new Asked();
    views.view(key, requested);
    return requested.await().orElseThrow();
  }

  static ReadSnapshot cut(ResponseCache views, CacheScope extent, String name) {
    CompletableFuture<ReadSnapshot> snapshot = new CompletableFuture<>();
    views.cut(extent, name, snapshot::complete, snapshot::completeExceptionally);
    return value(snapshot);
  }

  static List<String> applicationNames(ResponseCache views) {
    CompletableFuture<List<String>> names = new CompletableFuture<>();
    views.applicationNames(names::complete, names::completeExceptionally);
    return value(names);
  }

  private static <T> T value(CompletableFuture<T> value) {
    return Objects.requireNonNull(
        value.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join());
  }
}
