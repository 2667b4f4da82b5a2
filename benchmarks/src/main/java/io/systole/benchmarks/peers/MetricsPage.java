// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.peers;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.URLConnection;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The metrics of a Systole node at one time.
 *
 * @param text in the format of Prometheus
 */
public record MetricsPage(String text) {
  private static final int TIMEOUT_MS = 10_000;

  /** Reads the metrics of the node on {@code port} of loopback. */
  public static MetricsPage read(int port) throws IOException {
    URLConnection connection =
        URI.create("http://127.0.0.1:" + port + "/metrics").toURL().openConnection();
    connection.setConnectTimeout(TIMEOUT_MS);
    connection.setReadTimeout(TIMEOUT_MS);
    try (InputStream body = connection.getInputStream()) {
      return new MetricsPage(new String(body.readAllBytes(), UTF_8));
    }
  }

  /**
   * Returns the sum of a metric over all of its labels, without NaN, such as that of a link to the
   * node itself.
   *
   * @throws IOException if there is none
   */
  public double sum(String name) throws IOException {
    Pattern line =
        Pattern.compile("^" + Pattern.quote(name) + "(?:\\{[^\n]*\\})? (\\S+)", Pattern.MULTILINE);
    double[] values = line.matcher(text)
        .results()
        .mapToDouble(match -> Double.parseDouble(match.group(1)))
        .filter(value -> !Double.isNaN(value))
        .toArray();
    if (values.length == 0) {
      throw new IOException("no metric " + name);
    }
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    return sum;
  }

  /** Returns the values of all metrics whose names begin with a prefix, by name and labels. */
  public Map<String, Double> values(String prefix) {
    Map<String, Double> values = new TreeMap<>();
    Pattern line =
        Pattern.compile("^(" + Pattern.quote(prefix) + "[^\n]*) (\\S+)$", Pattern.MULTILINE);
    line.matcher(text)
        .results()
        .forEach(match -> values.put(match.group(1), Double.parseDouble(match.group(2))));
    values.values().removeIf(value -> value.isNaN());
    return values;
  }
}
