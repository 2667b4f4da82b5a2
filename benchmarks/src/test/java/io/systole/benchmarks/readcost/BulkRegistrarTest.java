// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.readcost;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
final class BulkRegistrarTest {
  private static final DataSet DATA_SET = new DataSet(4, 1);

  private ServerSocket listener;

  @BeforeEach
  void listen() throws IOException {
    listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    listener.close();
  }

  /** Nine members that started at once refused some, and an hour of measurement was lost. */
  @Test
  void cancel_someRefusedForOverload_sendsThoseAgain() throws Exception {
    CompletableFuture<List<String>> requests = answer(200, 503, 503, 200, 503, 200);

    new BulkRegistrar(listener.getLocalPort(), "/v2", 1, 4).cancel(DATA_SET, 0, 4);

    List<String> received = requests.get(30, TimeUnit.SECONDS);
    assertThat(received).hasSize(7);
    assertThat(received.get(4)).isEqualTo(received.get(1));
    assertThat(received.get(5)).isEqualTo(received.get(2));
    assertThat(received.get(6)).isEqualTo(received.get(1));
  }

  @Test
  void cancel_otherStatus_fails() {
    var unused = answer(200, 404);

    assertThatThrownBy(
            () -> new BulkRegistrar(listener.getLocalPort(), "/v2", 1, 2).cancel(DATA_SET, 0, 2))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was 404");
  }

  /**
   * Answers the requests of one connection with these statuses and then with 200; completes with
   * their request lines once the connection ends.
   */
  private CompletableFuture<List<String>> answer(int... statuses) {
    return CompletableFuture.supplyAsync(() -> {
      List<String> received = new ArrayList<>();
      try (Socket accepted = listener.accept();
          BufferedReader in =
              new BufferedReader(new InputStreamReader(accepted.getInputStream(), US_ASCII))) {
        for (String line = in.readLine(); line != null; line = in.readLine()) {
          if (line.endsWith("HTTP/1.1")) {
            received.add(line);
          } else if (line.isEmpty()) {
            int answered = received.size() - 1;
            int status = answered < statuses.length ? statuses[answered] : 200;
            String response = "HTTP/1.1 " + status + " \r\nContent-Length: 0\r\n\r\n";
            accepted.getOutputStream().write(response.getBytes(US_ASCII));
          }
        }
      } catch (IOException closed) {
        return received;
      }
      return received;
    });
  }
}
