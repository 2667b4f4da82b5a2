// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.runner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.systole.client.Arrivals;
import io.systole.loadtest.report.Report;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The shape of the heartbeats, as a target on the other side of the sockets receives them. */
class TrafficTest {
  private static final int INSTANCES = 40;

  /** A heartbeat: its connection, path and header fields. */
  private record Beat(int connection, String path, List<String> headers) {}

  private final Queue<Beat> beats = new ConcurrentLinkedQueue<>();
  private final Queue<Socket> sockets = new ConcurrentLinkedQueue<>();
  private ServerSocket listener;

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(0, 200, InetAddress.getLoopbackAddress());
    start(this::accept);
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static void start(Runnable task) {
    Thread thread = new Thread(task, "recording-target");
    thread.setDaemon(true);
    thread.start();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        sockets.add(socket);
        start(() -> serve(socket));
      }
    } catch (IOException e) {
      // Closed by the test.
    }
  }

  private void serve(Socket socket) {
    try (socket) {
      socket.setTcpNoDelay(true);
      var in = new BufferedReader(
          new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII));
      String line;
      while ((line = in.readLine()) != null) {
        List<String> headers = new ArrayList<>();
        for (String header = in.readLine(); !header.isEmpty(); header = in.readLine()) {
          headers.add(header);
        }
        response(socket, in, line, headers);
      }
    } catch (IOException e) {
      // The client or the test has closed the connection.
    }
  }

  private void response(Socket socket, BufferedReader in, String line, List<String> headers)
      throws IOException {
    int length = headers.stream()
        .filter(header -> header.startsWith("Content-Length: "))
        .mapToInt(header -> Integer.parseInt(header.substring("Content-Length: ".length())))
        .sum();
    for (int skipped = 0; skipped < length; skipped++) {
      in.read();
    }
    if (line.startsWith("PUT ")) {
      String path = line.substring(4, line.indexOf('?'));
      beats.add(new Beat(socket.getPort(), path, headers));
    }
    socket
        .getOutputStream()
        .write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  private Report drive(int connections, Traffic traffic) throws Exception {
    Workload workload = new Workload(
        Workload.Mode.RUN,
        URI.create("http://127.0.0.1:" + listener.getLocalPort() + "/v2"),
        INSTANCES,
        1,
        200,
        connections,
        8,
        1,
        0,
        1_000,
        5_000,
        60_000,
        false,
        OptionalLong.empty(),
        traffic,
        true);
    return new LoadDriver(workload, new Progress(new PrintWriter(Writer.nullWriter()), false))
        .drive();
  }

  @Test
  void drive_connectionPerInstance_keepsEachInstanceOnItsOwn() throws Exception {
    Report report = drive(INSTANCES, new Traffic(Arrivals.POISSON, false, true, true, 0));

    Set<String> pairs = beats.stream()
        .map(beat -> beat.connection() + " " + beat.path())
        .collect(Collectors.toSet());
    assertThat(report.passed()).as(report.outcome()).isTrue();
    assertThat(report.window().due()).isEqualTo(5L * INSTANCES);
    assertThat(pairs).hasSize(INSTANCES);
    assertThat(beats.stream().map(Beat::connection).distinct()).hasSize(INSTANCES);
    assertThat(report.conditions().traffic())
        .isEqualTo("arrivals poisson, batching off, headers stock, connections per instance,"
            + " churn none");
  }

  @Test
  void drive_churn_reopensConnectionsAndLosesNoBeat() throws Exception {
    Report report = drive(4, new Traffic(Arrivals.EVEN, false, true, false, 10));

    assertThat(report.conditions().traffic()).endsWith("churn 1000 % per minute");
    assertThat(report.passed()).as(report.outcome()).isTrue();
  }

  @Test
  void drive_stockHeaders_areThoseOfTheNetflixClient() throws Exception {
    drive(2, Traffic.FIELD);

    assertThat(beats.element().headers())
        .contains(
            "Accept: application/json",
            "Accept-Encoding: gzip",
            "DiscoveryIdentity-Name: DefaultClient",
            "DiscoveryIdentity-Version: 1.4",
            "User-Agent: Java-EurekaClient/v2.0.6");
  }

  @Test
  void drive_minimalHeaders_areThoseThatHttpNeeds() throws Exception {
    drive(2, new Traffic(Arrivals.TICKS, true, false, false, 0));

    assertThat(beats.element().headers()).hasSize(2);
  }

  @Test
  void traffic_churnOutOfRange_isRefused() {
    assertThatThrownBy(() -> new Traffic(Arrivals.EVEN, false, true, false, 11))
        .hasMessageContaining("--churn");
  }

  @Test
  void connectionAgeMax_share_replacesSoManyPerMinute() {
    assertThat(new Traffic(Arrivals.EVEN, false, true, false, 0).connectionAgeMax())
        .isZero();
    assertThat(new Traffic(Arrivals.EVEN, false, true, false, 0.1).connectionAgeMax())
        .isEqualTo(Duration.ofMillis(685_714));
  }
}
