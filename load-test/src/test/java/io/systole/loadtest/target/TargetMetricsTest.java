// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.target;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.BasicAuthenticator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.systole.client.ReservedPort;
import io.systole.loadtest.target.TargetMetrics.Sample;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TargetMetricsTest {
  @Test
  void parse_renewals_areThoseWithOutcomeRenewed() {
    String text = """
        # HELP systole_registry_renewals_total
        # TYPE systole_registry_renewals_total counter
        systole_registry_renewals_total{outcome="renewed"} 1.1779346E7
        systole_registry_renewals_total{outcome="unknown_instance"} 5.0
        systole_registry_leases 10000.0
        """;

    assertThat(TargetMetrics.parse(text).renewals()).isEqualTo(OptionalLong.of(11_779_346));
  }

  @Test
  void parse_moreLabelsAndATimestamp_isStillRead() {
    String text =
        "systole_registry_renewals_total{node=\"a} b\",outcome=\"renewed\"} 12.0 1795206403";

    assertThat(TargetMetrics.parse(text).renewals()).isEqualTo(OptionalLong.of(12));
  }

  @ParameterizedTest
  @ValueSource(strings = {"""
        jvm_memory_used_bytes{area="heap",id="G1 Eden Space"} 1.0E7
        jvm_memory_used_bytes{area="heap",id="G1 Old Gen"} 2345
        jvm_memory_used_bytes{area="nonheap",id="Metaspace"} 9.9E9
        jvm_memory_max_bytes{area="heap",id="G1 Old Gen"} 9.9E9
        """, """
        jvm_memory_bytes_used{area="heap",} 1.0002345E7
        jvm_memory_bytes_used{area="nonheap",} 1.0
        """, """
        jvm_memory_used_bytes{id="Old, or {not}",area="heap"}  10002345 1795206403.1
        # EOF
        """})
  void parse_heapInAnyFormat_isTheSumOfItsPools(String text) {
    assertThat(TargetMetrics.parse(text).heapBytes()).isEqualTo(OptionalLong.of(10_002_345));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "eureka_server_instances 3.0\n",
        "jvm_memory_used_bytes{area=\"heap\"} NaN\n",
        "jvm_memory_used_bytes{area=\"heap\"} much\n",
        "<html>\n",
        ""
      })
  void parse_noMetrics_isEmpty(String text) {
    assertThat(TargetMetrics.parse(text)).isEqualTo(Sample.EMPTY);
  }

  @Test
  void read_metricsWhereSpringHasThem_areFound() throws Exception {
    HttpServer server = server("/actuator/prometheus", "jvm_memory_used_bytes{area=\"heap\"} 5\n");
    try {
      TargetMetrics metrics = new TargetMetrics(url(server));

      assertThat(metrics.read().heapBytes()).isEqualTo(OptionalLong.of(5));
      assertThat(metrics.read().heapBytes()).isEqualTo(OptionalLong.of(5));
    } finally {
      server.stop(0);
    }
  }

  @Test
  void read_targetThatHasNone_isNotRequestedAgain() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    HttpServer server = server("/elsewhere", "");
    server.createContext("/", exchange -> {
      requests.incrementAndGet();
      exchange.sendResponseHeaders(404, -1);
      exchange.close();
    });
    try {
      TargetMetrics metrics = new TargetMetrics(url(server));
      metrics.read();

      assertThat(metrics.read()).isEqualTo(Sample.EMPTY);
      assertThat(metrics.poll()).isEqualTo(Sample.EMPTY);
      assertThat(requests).hasValue(2);
    } finally {
      server.stop(0);
    }
  }

  @Test
  void read_targetRequiresCredentials_sendsThoseOfTheUrl() throws Exception {
    String text = "systole_registry_renewals_total{outcome=\"renewed\"} 7\n";
    HttpServer server = server("/elsewhere", "");
    server
        .createContext("/metrics", exchange -> respond(exchange, text))
        .setAuthenticator(new BasicAuthenticator("systole") {
          @Override
          public boolean checkCredentials(String user, String password) {
            return user.equals("user") && password.equals("secret");
          }
        });
    try {
      TargetMetrics metrics = new TargetMetrics(url(server));

      assertThat(metrics.read().renewals()).isEqualTo(OptionalLong.of(7));
      assertThat(metrics.renewalsMissing()).isEmpty();
    } finally {
      server.stop(0);
    }
  }

  @Test
  void renewalsMissing_eachPathFails_namesPathsAndCauses() throws Exception {
    HttpServer server = server("/actuator/prometheus", "jvm_memory_used_bytes{area=\"heap\"} 5\n");
    server.createContext("/metrics", exchange -> {
      exchange.sendResponseHeaders(403, -1);
      exchange.close();
    });
    try {
      TargetMetrics metrics = new TargetMetrics(url(server));
      metrics.read();

      assertThat(metrics.renewalsMissing())
          .isEqualTo("/metrics returned status 403,"
              + " /actuator/prometheus has no systole_registry_renewals_total");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void renewalsMissing_noListener_namesTheCause() throws Exception {
    try (ReservedPort port = new ReservedPort()) {
      TargetMetrics metrics =
          new TargetMetrics(URI.create("http://127.0.0.1:" + port.number() + "/v2"));
      metrics.read();

      assertThat(metrics.renewalsMissing())
          .startsWith("/metrics failed: ")
          .contains("ConnectException");
    }
  }

  private static HttpServer server(String path, String text) throws IOException {
    var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    HttpServer server = HttpServer.create(address, 0);
    server.createContext(path, exchange -> respond(exchange, text));
    server.start();
    return server;
  }

  private static void respond(HttpExchange exchange, String text) throws IOException {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static URI url(HttpServer server) {
    return URI.create("http://user:secret@127.0.0.1:" + server.getAddress().getPort() + "/v2");
  }
}
