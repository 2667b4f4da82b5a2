// SPDX-License-Identifier: Apache-2.0
package io.systole.server.ops;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.systole.server.route.Endpoint;
import io.systole.server.route.Reply;
import io.systole.server.route.Request;
import java.nio.charset.StandardCharsets;

/** {@code GET /metrics} in Prometheus' text format. Takes milliseconds: not for an event loop. */
public final class MetricsEndpoint implements Endpoint {
  private static final String CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

  private final PrometheusMeterRegistry meters;

  public MetricsEndpoint(PrometheusMeterRegistry meters) {
    this.meters = meters;
  }

  @Override
  public Reply handle(Request request) {
    byte[] text = meters.scrape(CONTENT_TYPE).getBytes(StandardCharsets.UTF_8);
    return Reply.of(200, CONTENT_TYPE, text);
  }
}
