// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import org.junit.jupiter.api.Test;

/** The proxy forwards what it has received, however it was divided. */
class FilteringProxyTest {
  @Test
  void copy_restOfABodyBeginsWithALetter_isForwarded() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        FilteringProxy proxy = new FilteringProxy(listener.getLocalPort());
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.url().getPort());
        Socket node = listener.accept()) {
      forward("PUT / HTTP/1.1\r\nContent-Length: 4\r\n\r\n{a", client, node);
      forward("b}", client, node);
      forward("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", node, client);
    }
  }

  @Test
  void remove_fieldOfAResponse_isNotForwarded() throws Exception {
    try (ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        FilteringProxy proxy = new FilteringProxy(listener.getLocalPort());
        Socket client = new Socket(InetAddress.getLoopbackAddress(), proxy.url().getPort());
        Socket node = listener.accept()) {
      proxy.remove("B");

      node.getOutputStream()
          .write("HTTP/1.1 204 No Content\r\nA: 1\r\nb: 2\r\n\r\n".getBytes(US_ASCII));
      expect("HTTP/1.1 204 No Content\r\nA: 1\r\n\r\n", client);
    }
  }

  private static void forward(String bytes, Socket from, Socket to) throws IOException {
    from.getOutputStream().write(bytes.getBytes(US_ASCII));
    expect(bytes, to);
  }

  private static void expect(String bytes, Socket at) throws IOException {
    at.setSoTimeout(30_000);
    assertThat(new String(at.getInputStream().readNBytes(bytes.length()), US_ASCII))
        .isEqualTo(bytes);
  }
}
