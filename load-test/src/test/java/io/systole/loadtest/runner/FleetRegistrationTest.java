// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.ClientState;
import io.systole.loadtest.SocketServer;
import io.systole.loadtest.report.Report.Registrations;
import io.systole.protocol.time.Clock;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class FleetRegistrationTest {
  private static final String ACCEPTED = response("204 No Content", "", "");

  @Test
  void run_targetNeverResponds_failsWithTheCause() throws Exception {
    // The system completes connections that are never accepted.
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      Workload workload = workload(URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/v2"));
      try (LoadSession session = new LoadSession(workload, silent(), Clock.SYSTEM, 300)) {
        session.awaitConnection();

        assertThatThrownBy(session::register)
            .isInstanceOf(LoadTestException.class)
            .hasMessageStartingWith(
                "no registration accepted for 300 ms, after 0: " + "the target does not respond, ")
            .hasMessageEndingWith("last connection loss: none");
      }
    }
  }

  @Test
  void run_refusedWith503_retriesAfterTheRequestedDelay() throws Exception {
    AtomicInteger requests = new AtomicInteger();
    try (SocketServer target = registry(() -> requests.getAndIncrement() < 5 ? busy(1) : ACCEPTED);
        LoadSession session = new LoadSession(workload(target.url()), silent())) {
      session.awaitConnection();

      Registrations registrations = session.register();

      assertThat(registrations.count()).isEqualTo(20);
      assertThat(registrations.refusals()).isEqualTo(5);
      assertThat(registrations.secs()).isGreaterThanOrEqualTo(1);
      assertThat(registrations.perSec()).isLessThanOrEqualTo(20);
      assertThat(requests).hasValue(25);
    }
  }

  @Test
  void run_refusedWith503WithoutEnd_failsAfterTheLimitWithTheRefusals() throws Exception {
    try (SocketServer target = registry(() -> busy(3_600));
        LoadSession session =
            new LoadSession(workload(target.url()), silent(), Clock.SYSTEM, 300)) {
      session.awaitConnection();

      assertThatThrownBy(session::register)
          .isInstanceOf(LoadTestException.class)
          .hasMessageStartingWith("no registration accepted for 600 ms, after 0: ")
          .hasMessageMatching(".*; refused so far: 503 busy \\([0-9]+ times\\); .*");
    }
  }

  @Test
  void run_refusedWithAnotherStatus_failsAtOnce() throws Exception {
    try (SocketServer target = registry(() -> response("500 Oh", "", "broken"));
        LoadSession session = new LoadSession(workload(target.url()), silent())) {
      session.awaitConnection();

      assertThatThrownBy(session::register)
          .isInstanceOf(LoadTestException.class)
          .hasMessageStartingWith("server rejected registrations: 500 broken (");
    }
  }

  private static Progress silent() {
    return new Progress(new PrintWriter(Writer.nullWriter()), false);
  }

  private static Workload workload(URI target) {
    return Workload.builder(Workload.Mode.RUN, target)
        .fleet(20, 1, 1_000)
        .load(2, 4, 1)
        .window(0, 1_000)
        .limits(60_000, 1_000)
        .keep(true)
        .build();
  }

  /** Returns a target with these responses to registrations. */
  private static SocketServer registry(Supplier<String> responses) throws IOException {
    return new SocketServer(socket -> {
      try (socket) {
        InputStream in = new BufferedInputStream(socket.getInputStream());
        while (true) {
          boolean isRegistration = SocketServer.readRequest(in).line().startsWith("POST ");
          String response = isRegistration ? responses.get() : response("404 Not Found", "", "");
          socket.getOutputStream().write(response.getBytes(US_ASCII));
        }
      }
    });
  }

  private static String busy(int retryAfterSecs) {
    return response("503 Busy", "Retry-After: " + retryAfterSecs + "\r\n", "busy");
  }

  private static String response(String status, String fields, String body) {
    return "HTTP/1.1 " + status + "\r\n" + fields + "Content-Length: " + body.length() + "\r\n\r\n"
        + body;
  }

  @Test
  void describeStall_connectionsLost_namesThemAndWhatWasTried() {
    ClientState state = new ClientState(20, 5, 0, 15, 0, 0, "Connection reset", List.of(), 0);

    String text =
        FleetRegistration.describeStall(30_000, 5, state, Map.of("TIMED_OUT", 7L), Map.of());

    assertThat(text)
        .isEqualTo("no registration accepted for 30000 ms, after 5: no connection is open;"
            + " without a response so far: {TIMED_OUT=7}; last connection loss: Connection reset");
  }
}
