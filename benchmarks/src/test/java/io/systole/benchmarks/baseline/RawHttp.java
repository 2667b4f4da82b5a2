// SPDX-License-Identifier: Apache-2.0
package io.systole.benchmarks.baseline;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.List;
import java.util.regex.Pattern;

/** Sends raw text to a loopback port and reads the responses. */
final class RawHttp {
  private static final int TIMEOUT_MS = 5_000;
  private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3})");

  private RawHttp() {}

  /** Returns the responses to {@code requests}, none of which has a body, one per request. */
  static String exchange(int port, String requests) throws IOException {
    return exchange(port, requests, count(requests, " HTTP/1.1\r\n"));
  }

  static String exchange(int port, String requests, int responses) throws IOException {
    try (Socket socket = connect(port)) {
      socket.getOutputStream().write(requests.getBytes(US_ASCII));
      ByteArrayOutputStream read = new ByteArrayOutputStream();
      while (count(read.toString(US_ASCII), "\r\n\r\n") < responses) {
        int octet = socket.getInputStream().read();
        if (octet < 0) {
          break;
        }
        read.write(octet);
      }
      return read.toString(US_ASCII);
    }
  }

  static String exchangeUntilClosed(int port, String request) throws IOException {
    try (Socket socket = connect(port)) {
      socket.getOutputStream().write(request.getBytes(US_ASCII));
      return new String(socket.getInputStream().readAllBytes(), US_ASCII);
    }
  }

  static List<String> statuses(int port, String requests) throws IOException {
    return STATUS
        .matcher(exchange(port, requests))
        .results()
        .map(match -> match.group(1))
        .toList();
  }

  private static Socket connect(int port) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MS);
    return socket;
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }
}
