// SPDX-License-Identifier: Apache-2.0
package io.systole.loadtest.read;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RegistryClientTest {
  private static final String HALF_RESPONSE =
      "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{\"applications\":";

  @Test
  @Timeout(30)
  void open_responseStopsHalfway_failsAfterTheTimeout() throws Exception {
    try (ServerSocket registry = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      var responder = new Thread(() -> sendHalf(registry), "half");
      responder.setDaemon(true);
      responder.start();
      URI service = URI.create("http://127.0.0.1:" + registry.getLocalPort() + "/v2");
      RegistryClient client = new RegistryClient(service, 50);

      assertThatThrownBy(() -> client.open("/apps").readAllBytes()).isInstanceOf(IOException.class);
    }
  }

  private static void sendHalf(ServerSocket registry) {
    try {
      Socket socket = registry.accept();
      socket.getOutputStream().write(HALF_RESPONSE.getBytes(US_ASCII));
    } catch (IOException e) {
      // The test has ended, and reports a missing request itself.
    }
  }
}
