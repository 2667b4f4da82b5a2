// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.registry.otlp.OtlpMetricsSender;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Posts exports to a receiver, and logs that it fails and that it accepts them again. A failed
 * export is not repeated, since the next one contains its values.
 */
final class OtlpSender implements OtlpMetricsSender {
  /*
   * Called by one thread at a time: that of the schedule, and when that has ended, the one that
   * closes the export. The state of the receiver is handed over by the end of the former.
   */

  /** Limit on a whole exchange. */
  static final long TIMEOUT_MS_MAX = 10_000;

  private static final Logger LOG = LoggerFactory.getLogger(OtlpSender.class);

  private final URI receiver;
  private final @Nullable String authorization;
  private final HttpClient http = HttpClient.newBuilder()
      .version(HttpClient.Version.HTTP_1_1)
      .followRedirects(HttpClient.Redirect.NEVER)
      .connectTimeout(Duration.ofMillis(TIMEOUT_MS_MAX))
      .build();
  private volatile long timeoutMs;
  private boolean isFailing;

  OtlpSender(OtlpSettings settings) {
    receiver = settings.address();
    String userInfo = settings.url().getUserInfo();
    authorization = userInfo == null
        ? null
        : "Basic " + Base64.getEncoder().encodeToString(userInfo.getBytes(StandardCharsets.UTF_8));
    // Less than the interval: the schedule would make up for the exports that it is behind.
    timeoutMs = Math.min(TIMEOUT_MS_MAX, TimeUnit.SECONDS.toMillis(settings.intervalSecs()) / 2);
  }

  /** Sets the limit on a whole exchange that begins later. */
  void limit(long ms) {
    timeoutMs = ms;
  }

  @Override
  public void send(Request export) {
    HttpRequest.Builder request = HttpRequest.newBuilder(receiver)
        .header("Content-Type", "application/x-protobuf")
        .POST(BodyPublishers.ofByteArray(export.getMetricsData()));
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    long limitMs = timeoutMs;
    CompletableFuture<HttpResponse<Void>> response =
        http.sendAsync(request.build(), BodyHandlers.discarding());
    try {
      int status = response.get(limitMs, TimeUnit.MILLISECONDS).statusCode();
      report(status / 100 == 2 ? null : "status " + status);
    } catch (TimeoutException late) {
      report("no response within " + limitMs + " ms");
    } catch (ExecutionException failure) {
      report(reason(failure.getCause()));
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    } finally {
      response.cancel(true);
    }
  }

  private static String reason(@Nullable Throwable failure) {
    // The message of this one is absent in most cases.
    return failure instanceof ConnectException ? "can't connect" : String.valueOf(failure);
  }

  /** @param failure null if the receiver has accepted the export */
  private void report(@Nullable String failure) {
    if (failure != null && !isFailing) {
      LOG.warn("metrics are not exported receiver={}: {}", receiver, failure);
    } else if (failure == null && isFailing) {
      LOG.info("metrics are exported again receiver={}", receiver);
    }
    isFailing = failure != null;
  }
}
