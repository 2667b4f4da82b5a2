// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalLong;

/** The target's own count of renewals, where it publishes one as Systole does. */
public final class ServerCounter {
  private static final String NAME = "systole_registry_renewals_total{";
  private static final String RENEWED = "outcome=\"renewed\"";
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int OK = 200;

  private final URI metrics;
  private final HttpClient http =
      HttpClient.newBuilder().connectTimeout(TIMEOUT).build();

  /** Makes a reader of {@code /metrics} at the root of the target. */
  public ServerCounter(URI target) {
    metrics = URI.create("http://" + target.getHost() + ":" + portOf(target) + "/metrics");
  }

  private static int portOf(URI target) {
    return target.getPort() < 0 ? 80 : target.getPort();
  }

  /** Returns the count now, or empty when the target publishes none. */
  public OptionalLong read() throws InterruptedException {
    try {
      HttpRequest request = HttpRequest.newBuilder(metrics).timeout(TIMEOUT).build();
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      return response.statusCode() == OK ? countIn(response.body()) : OptionalLong.empty();
    } catch (IOException e) {
      // A target without metrics is none the worse for it; the report says that there were none.
      return OptionalLong.empty();
    }
  }

  /** Returns the count in a text of Prometheus' exposition format. */
  static OptionalLong countIn(String text) {
    return text.lines()
        .filter(line -> line.startsWith(NAME) && line.contains(RENEWED))
        .mapToLong(ServerCounter::valueOf)
        .reduce(Long::sum);
  }

  /** The value follows the labels; it is written as a floating-point number. */
  private static long valueOf(String line) {
    String value = line.substring(line.lastIndexOf('}') + 1).strip();
    return (long) Double.parseDouble(value.split(" ", 2)[0]);
  }
}
