// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import io.systole.loadtest.read.RegistryRequest;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A reader of the target's published metrics, where it has them. Not thread-safe. */
public final class TargetMetrics {
  /**
   * The published metrics at one time.
   *
   * @param heapBytes heap in use; empty if not published
   * @param renewals renewals since the target's start; empty if not published
   */
  public record Sample(OptionalLong heapBytes, OptionalLong renewals) {
    /** No metrics available. */
    public static final Sample EMPTY = new Sample(OptionalLong.empty(), OptionalLong.empty());
  }

  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int OK = 200;
  private static final int SERVER_ERRORS = 500;
  private static final String HEAP = "area=\"heap\"";
  private static final String RENEWALS = "systole_registry_renewals_total";

  /** Prometheus' default path, then that of Spring Boot. */
  private static final List<String> PATHS = List.of("/metrics", "/actuator/prometheus");

  /** Micrometer and the Prometheus JVM client from 1.0 on, then its earlier versions. */
  private static final List<String> HEAP_NAMES =
      List.of("jvm_memory_used_bytes", "jvm_memory_bytes_used");

  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(TIMEOUT).build();
  private final URI root;
  private final @Nullable String authorization;

  /** Index of the current path; past the end if the target publishes nothing. */
  private int path;

  private CompletableFuture<HttpResponse<String>> pending = new CompletableFuture<>();
  private boolean isPending;

  /** Why each path had no count of renewals when it was last read. */
  private final Map<String, String> failures = new LinkedHashMap<>();

  /**
   * Creates a reader of the metrics at the root of the target's address.
   *
   * @param target service URL, with credentials if the target requires them
   */
  public TargetMetrics(URI target) {
    int port = target.getPort();
    root = URI.create(
        target.getScheme() + "://" + target.getHost() + (port < 0 ? "" : ":" + port) + "/");
    authorization = RegistryRequest.authorization(target);
  }

  /**
   * Returns the metrics received since the last call, and requests them again unless the target
   * publishes none. Does not block.
   */
  public Sample poll() {
    Sample sample = Sample.EMPTY;
    if (isPending && pending.isDone()) {
      isPending = false;
      sample = pending.isCompletedExceptionally() ? Sample.EMPTY : read(pending.join());
    }
    if (!isPending && path < PATHS.size()) {
      send();
    }
    return sample;
  }

  /** Requests the metrics and waits for them, ten seconds at most per path. */
  public Sample read() throws InterruptedException {
    while (path < PATHS.size()) {
      int before = path;
      send();
      try {
        Sample sample = read(pending.get(2 * TIMEOUT.toSeconds(), TimeUnit.SECONDS));
        isPending = false;
        if (path == before) {
          return sample;
        }
      } catch (ExecutionException e) {
        return failed(String.valueOf(e.getCause()));
      } catch (TimeoutException e) {
        return failed("no response within " + 2 * TIMEOUT.toSeconds() + " s");
      }
    }
    return Sample.EMPTY;
  }

  private Sample failed(String cause) {
    isPending = false;
    failures.put(PATHS.get(path), "failed: " + cause);
    return Sample.EMPTY;
  }

  /**
   * Returns why the last sample had no count of renewals, in one line; empty if it had one, or if
   * there was none.
   */
  public String renewalsMissing() {
    return failures.entrySet().stream()
        .map(failure -> failure.getKey() + " " + failure.getValue())
        .collect(Collectors.joining(", "));
  }

  private void send() {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(root.resolve(PATHS.get(path))).timeout(TIMEOUT);
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    pending = http.sendAsync(request.build(), BodyHandlers.ofString());
    isPending = true;
  }

  /**
   * Advances to the next path if the target has no metrics at this one. A server error is temporary
   * and keeps the path.
   */
  private Sample read(HttpResponse<String> response) {
    Sample sample = response.statusCode() == OK ? parse(response.body()) : Sample.EMPTY;
    if (sample.renewals().isPresent()) {
      failures.clear();
    } else {
      failures.put(
          PATHS.get(path),
          response.statusCode() == OK
              ? "has no " + RENEWALS
              : "returned status " + response.statusCode());
    }
    if (sample.equals(Sample.EMPTY) && response.statusCode() < SERVER_ERRORS) {
      path++;
    }
    return sample;
  }

  static Sample parse(String text) {
    OptionalDouble heap = HEAP_NAMES.stream()
        .flatMap(name -> PrometheusParser.sum(text, name, HEAP).stream().boxed())
        .mapToDouble(value -> value)
        .findFirst();
    OptionalDouble renewals = PrometheusParser.sum(text, RENEWALS, "outcome=\"renewed\"");
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
