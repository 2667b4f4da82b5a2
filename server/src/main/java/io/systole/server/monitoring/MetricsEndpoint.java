// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.systole.server.endpoint.ContentNegotiation;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.zip.GZIPOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /metrics} in the text format of Prometheus, or in that of OpenMetrics to a client that
 * accepts it. Scrapes are rendered one at a time; requests that arrive during one share the next.
 */
public final class MetricsEndpoint implements AsyncRequestHandler {
  /*
   * `waiting` is guarded by `this`. A task is submitted when the first request starts to wait, and
   * serves all that wait when it runs: so at most one task runs and one is queued. It renders each
   * requested format once. The responses are bytes in memory, so nobody waits for a client that
   * does not read.
   */

  /** Limit on requests that wait for one scrape; further ones receive 503. */
  static final int WAITING_MAX = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(MetricsEndpoint.class);
  private static final String VARY = "Accept, Accept-Encoding";

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS_TYPE = "application/openmetrics-text";
  private static final String OPEN_METRICS = OPEN_METRICS_TYPE + "; version=1.0.0; charset=utf-8";

  /** A representation of the metrics. */
  private record MetricsFormat(String contentType, boolean isGzip) {
    static MetricsFormat of(Request request) {
      String accept = request.header("accept");
      boolean isOpenMetrics = accept != null && accept.contains(OPEN_METRICS_TYPE);
      return new MetricsFormat(
          isOpenMetrics ? OPEN_METRICS : PROMETHEUS,
          ContentNegotiation.allowsGzip(request.header("accept-encoding")));
    }
  }

  private record WaitingScrape(MetricsFormat format, ResponseCallback callback) {}

  private final PrometheusMeterRegistry meters;
  private final Executor renderer;
  private List<WaitingScrape> waiting = new ArrayList<>();

  /**
   * Creates an endpoint.
   *
   * @param renderer runs one task at a time, and nothing else: a scrape takes milliseconds
   */
  public MetricsEndpoint(PrometheusMeterRegistry meters, Executor renderer) {
    this.meters = meters;
    this.renderer = renderer;
  }

  @Override
  public void handle(Request request, ResponseCallback callback) {
    MetricsFormat format = MetricsFormat.of(request);
    int before;
    synchronized (this) {
      before = waiting.size();
      if (before < WAITING_MAX) {
        waiting.add(new WaitingScrape(format, callback));
      }
    }
    if (before == WAITING_MAX) {
      callback.send(Response.OVERLOADED);
    } else if (before == 0) {
      renderer.execute(this::render);
    }
  }

  private void render() {
    List<WaitingScrape> served;
    synchronized (this) {
      served = waiting;
      waiting = new ArrayList<>();
    }
    Map<MetricsFormat, Response> rendered = new HashMap<>();
    try {
      for (WaitingScrape each : served) {
        if (!rendered.containsKey(each.format)) {
          rendered.put(each.format, render(each.format));
        }
      }
    } catch (RuntimeException | IOException defect) {
      LOG.error("scrape failed", defect);
    }
    served.forEach(
        each -> each.callback.send(rendered.getOrDefault(each.format, Response.INTERNAL_ERROR)));
  }

  private Response render(MetricsFormat format) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = format.isGzip ? new GZIPOutputStream(bytes) : bytes) {
      meters.scrape(out, format.contentType);
    }
    Map<String, String> headers =
        format.isGzip ? Map.of("Vary", VARY, "Content-Encoding", "gzip") : Map.of("Vary", VARY);
    return new Response(200, format.contentType, headers, bytes.toByteArray());
  }
}
