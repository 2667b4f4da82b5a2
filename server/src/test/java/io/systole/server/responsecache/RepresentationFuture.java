// SPDX-License-Identifier: Apache-2.0
package io.systole.server.responsecache;

import io.systole.server.responsecache.CacheKey.CacheScope;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A callback whose result can be awaited. */
public final class RepresentationFuture implements RepresentationCallback {
  private static final long TIMEOUT_SECONDS = 20;

  private final CompletableFuture<Optional<CachedRepresentation>> response =
      new CompletableFuture<>();

  @Override
  public void completed(CachedRepresentation representation) {
    complete(Optional.of(representation));
  }

  @Override
  public void absent() {
    complete(Optional.empty());
  }

  private void complete(Optional<CachedRepresentation> representation) {
    if (!response.complete(representation)) {
      throw new IllegalStateException("completed twice");
    }
  }

  @Override
  public void failed(Throwable cause) {
    response.completeExceptionally(cause);
  }

  boolean isDone() {
    return response.isDone();
  }

  /** Runs an action on completion, on the thread that completes it. */
  void whenDone(Runnable action) {
    var unused = response.whenComplete((representation, cause) -> action.run());
  }

  Optional<CachedRepresentation> await() {
    return response.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join();
  }

  /** Requests an existing representation and waits for it. */
  public static CachedRepresentation get(ResponseCache cache, CacheKey key) {
    RepresentationFuture future = new RepresentationFuture();
    cache.request(key, future);
    return future.await().orElseThrow();
  }

  static ReadSnapshot snapshot(ResponseCache cache, CacheScope scope, String name) {
    CompletableFuture<ReadSnapshot> snapshot = new CompletableFuture<>();
    cache.snapshot(scope, name, snapshot::complete, snapshot::completeExceptionally);
    return value(snapshot);
  }

  static List<String> applicationNames(ResponseCache cache) {
    CompletableFuture<List<String>> names = new CompletableFuture<>();
    cache.applicationNames(names::complete, names::completeExceptionally);
    return value(names);
  }

  private static <T> T value(CompletableFuture<T> value) {
    return Objects.requireNonNull(
        value.orTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS).join());
  }
}
