// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.systole.server.route.AsyncRequestHandler;
import io.systole.server.route.Request;
import io.systole.server.route.Response;
import io.systole.server.route.ResponseCallback;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /metrics} in the Prometheus text format. Scrapes are rendered one at a time; requests
 * that arrive during one share the next.
 */
public final class MetricsEndpoint implements AsyncRequestHandler {
  /*
   * `waiting` is guarded by `this`. A task is submitted when the first request starts to wait, and
   * serves all that wait when it runs: so at most one task runs and one is queued.
   */

  /** Limit on requests that wait for one scrape; further ones receive 503. */
  static final int WAITING_MAX = 1024;

  private static final Logger LOG = LoggerFactory.getLogger(MetricsEndpoint.class);
  private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry meters;
  private final Executor renderer;
  private List<ResponseCallback> waiting = new ArrayList<>();

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
    int before;
    synchronized (this) {
      before = waiting.size();
      if (before < WAITING_MAX) {
        waiting.add(callback);
      }
    }
    if (before == WAITING_MAX) {
      callback.send(Response.OVERLOADED);
    } else if (before == 0) {
      renderer.execute(this::render);
    }
  }

  private void render() {
    List<ResponseCallback> callbacks;
    synchronized (this) {
      callbacks = waiting;
      waiting = new ArrayList<>();
    }
    Response response = scrape();
    callbacks.forEach(callback -> callback.send(response));
  }

  private Response scrape() {
    try {
      byte[] text = meters.scrape(CONTENT_TYPE).getBytes(StandardCharsets.UTF_8);
      return Response.of(200, CONTENT_TYPE, text);
    } catch (RuntimeException defect) {
      LOG.error("scrape failed", defect);
      return Response.INTERNAL_ERROR;
    }
  }
}
