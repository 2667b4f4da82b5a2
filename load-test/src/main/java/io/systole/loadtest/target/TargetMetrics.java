// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** What the target publishes of itself, where it does; for one thread. */
public final class TargetMetrics {
  /**
   * What it said of itself at one moment.
   *
   * @param heapBytes in use; empty when it does not say
   * @param renewals that it has counted since it started; empty when it does not say
   */
  public record Sample(OptionalLong heapBytes, OptionalLong renewals) {
    /** Nothing, for now or for ever. */
    public static final Sample NOTHING = new Sample(OptionalLong.empty(), OptionalLong.empty());
  }

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int OK = 200;
  private static final int SERVER_ERRORS = 500;
  private static final String HEAP = "area=\"heap\"";

  /** Systole and most others, then Spring Boot. */
  private static final List<String> PATHS = List.of("/metrics", "/actuator/prometheus");

  /** Micrometer and the JVM client of Prometheus from 1.0 on, then that before. */
  private static final List<String> HEAP_NAMES =
      List.of("jvm_memory_used_bytes", "jvm_memory_bytes_used");

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final URI root;

  /** Which of the paths is asked; beyond the last when none has anything to say. */
  private int path;

  private CompletableFuture<HttpResponse<String>> requested = new CompletableFuture<>();
  private boolean isRequested;

  /** Makes a reader of what stands at the root of the target's address. */
  public TargetMetrics(URI target) {
    int port = target.getPort();
    root = URI.create(
        target.getScheme() + "://" + target.getHost() + (port < 0 ? "" : ":" + port) + "/");
  }

  /**
   * Returns what has come since the last call, and asks anew. Never waits; asks no more when the
   * target has answered that it has nothing of the kind.
   */
  public Sample poll() {
    Sample said = Sample.NOTHING;
    if (isRequested && requested.isDone()) {
      isRequested = false;
      said = requested.isCompletedExceptionally() ? Sample.NOTHING : understand(requested.join());
    }
    if (!isRequested && path < PATHS.size()) {
      ask();
    }
    return said;
  }

  /** Returns what it says now; waits for it, at most seconds. */
  public Sample read() throws InterruptedException {
    while (path < PATHS.size()) {
      int before = path;
      ask();
      try {
        Sample said = understand(requested.get(2 * TIMEOUT.toSeconds(), TimeUnit.SECONDS));
        isRequested = false;
        if (path == before) {
          return said;
        }
      } catch (ExecutionException | TimeoutException e) {
        // A target that does not say is none the worse for it; the report tells that it didn't.
        isRequested = false;
        return Sample.NOTHING;
      }
    }
    return Sample.NOTHING;
  }

  private void ask() {
    HttpRequest request =
        HttpRequest.newBuilder(root.resolve(PATHS.get(path))).timeout(TIMEOUT).build();
    requested = http.sendAsync(request, BodyHandlers.ofString());
    isRequested = true;
  }

  /** A target in trouble may know more later; one that answers otherwise never will. */
  private Sample understand(HttpResponse<String> response) {
    Sample said = response.statusCode() == OK ? said(response.body()) : Sample.NOTHING;
    if (said.equals(Sample.NOTHING) && response.statusCode() < SERVER_ERRORS) {
      path++;
    }
    return said;
  }

  static Sample said(String text) {
    OptionalDouble heap = HEAP_NAMES.stream()
        .flatMap(name -> PrometheusParser.sum(text, name, HEAP).stream().boxed())
        .mapToDouble(value -> value)
        .findFirst();
    OptionalDouble renewals =
        PrometheusParser.sum(text, "systole_registry_renewals_total", "outcome=\"renewed\"");
    return new Sample(whole(heap), whole(renewals));
  }

  private static OptionalLong whole(OptionalDouble value) {
    return Stream.of(value)
        .flatMapToDouble(OptionalDouble::stream)
        .filter(Double::isFinite)
        .mapToLong(Math::round)
        .findFirst();
  }
}
