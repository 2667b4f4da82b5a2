// SPDX-License-Identifier: Apache-2.0
package io.systole.server.monitoring;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A receiver of exports over loopback, which decodes them. */
public final class OtlpReceiver implements AutoCloseable {
  public static final String PATH = "/v1/metrics";

  /** The status that stands for no response until the receiver is closed. */
  public static final int HANG = -1;

  /**
   * An export.
   *
   * @param attributes of the resource
   */
  public record ReceivedExport(
      @Nullable String type,
      @Nullable String authorization,
      Map<String, String> attributes,
      Map<String, Metric> metrics) {
    /** Returns the metric of this name, which must be there. */
    public Metric metric(String name) {
      return Objects.requireNonNull(metrics.get(name), name);
    }
  }

  private final HttpServer http;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch closed = new CountDownLatch(1);
  private final List<ReceivedExport> exports = new CopyOnWriteArrayList<>();
  private final List<String> otherPaths = new CopyOnWriteArrayList<>();
  private volatile int status;

  /** @param status the status of the responses, {@link #HANG} for none */
  public OtlpReceiver(int status) throws IOException {
    this.status = status;
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(PATH, this::receive);
    http.createContext("/", exchange -> {
      otherPaths.add(exchange.getRequestURI().toString());
      exchange.close();
    });
    http.setExecutor(threads);
    http.start();
  }

  /**
   * Returns the URL of the receiver.
   *
   * @param userInfo with its at sign, or empty
   */
  public String url(String userInfo) {
    return "http://" + userInfo + "127.0.0.1:" + http.getAddress().getPort() + PATH;
  }

  /** Changes the status of later responses. */
  public void respond(int status) {
    this.status = status;
  }

  /** Returns the exports so far. */
  public List<ReceivedExport> exports() {
    return exports;
  }

  /** Returns the paths of the requests that were not for metrics. */
  public List<String> otherPaths() {
    return otherPaths;
  }

  private void receive(HttpExchange exchange) throws IOException {
    exports.add(decode(exchange));
    int response = status;
    if (response == HANG) {
      try {
        closed.await();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
      }
    } else {
      exchange.getResponseHeaders().add("Location", "/elsewhere");
      exchange.sendResponseHeaders(response, -1);
    }
    exchange.close();
  }

  private static ReceivedExport decode(HttpExchange exchange) throws IOException {
    ExportMetricsServiceRequest request =
        ExportMetricsServiceRequest.parseFrom(exchange.getRequestBody());
    ResourceMetrics resource = request.getResourceMetrics(0);
    return new ReceivedExport(
        exchange.getRequestHeaders().getFirst("Content-Type"),
        exchange.getRequestHeaders().getFirst("Authorization"),
        resource.getResource().getAttributesList().stream()
            .collect(Collectors.toMap(
                KeyValue::getKey, attribute -> attribute.getValue().getStringValue())),
        resource.getScopeMetricsList().stream()
            .flatMap(scope -> scope.getMetricsList().stream())
            .collect(Collectors.toMap(Metric::getName, metric -> metric)));
  }

  @Override
  public void close() {
    closed.countDown();
    http.stop(0);
    threads.shutdown();
  }
}
