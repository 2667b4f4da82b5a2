// SPDX-License-Identifier: Apache-2.0
package io.systole.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A transparent proxy between a client and the node that records requests and response statuses.
 * The responses of a connection are in the order of its requests, so matching lines suffices. A
 * document before a status line does not hide it, as only the end of the line is matched.
 */
final class WireTap implements AutoCloseable {
  /** A request and the status of its response. */
  record Exchange(String method, String target, int status) {
    boolean isRegistration() {
      return method.equals("POST");
    }

    boolean isRenewal() {
      return method.equals("PUT");
    }

    boolean isCancellation() {
      return method.equals("DELETE");
    }

    boolean isFullFetch() {
      return method.equals("GET") && target.endsWith("/apps/");
    }

    boolean isDeltaFetch() {
      return method.equals("GET") && target.contains("/apps/delta");
    }

    @Override
    public String toString() {
      return method + " " + target + " -> " + status;
    }
  }

  private static final Pattern REQUEST =
      Pattern.compile("(GET|PUT|POST|DELETE) (/\\S*) HTTP/1\\.1\r$");
  private static final Pattern RESPONSE = Pattern.compile("HTTP/1\\.1 ([2-5]\\d\\d)[^\r]*\r$");
  private static final int LINE_BYTES_MAX = 1 << 20;

  private final int nodePort;
  private final ServerSocket listener;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final List<Exchange> exchanges = new CopyOnWriteArrayList<>();

  WireTap(int nodePort) throws IOException {
    this.nodePort = nodePort;
    listener = new ServerSocket(0, 50, InetAddress.getByAddress(new byte[] {127, 0, 0, 1}));
    start("tap-accept", this::accept);
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Returns the completed exchanges in the order of their responses. */
  List<Exchange> exchanges() {
    return List.copyOf(exchanges);
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private void accept() {
    while (!listener.isClosed()) {
      try {
        Socket client = listener.accept();
        Socket node = new Socket(listener.getInetAddress(), nodePort);
        sockets.addAll(List.of(client, node));
        Queue<Matcher> requests = new ConcurrentLinkedQueue<>();
        start("tap-requests", () -> pass(client, node, line -> recordRequest(requests, line)));
        start("tap-responses", () -> pass(node, client, line -> recordExchange(requests, line)));
      } catch (IOException closed) {
        // The proxy or the node is closed: the client gets no response, and its test fails.
      }
    }
  }

  private static void recordRequest(Queue<Matcher> requests, String line) {
    Matcher request = REQUEST.matcher(line);
    if (request.find()) {
      requests.add(request);
    }
  }

  private void recordExchange(Queue<Matcher> requests, String line) {
    Matcher response = RESPONSE.matcher(line);
    if (response.find()) {
      Matcher request = requests.remove();
      exchanges.add(
          new Exchange(request.group(1), request.group(2), Integer.parseInt(response.group(1))));
    }
  }

  /** Records bytes before it forwards them, so a request precedes its response. */
  private static void pass(Socket from, Socket to, Consumer<String> lines) {
    byte[] buffer = new byte[16_384];
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        for (int index = 0; index < count; index++) {
          if (buffer[index] == '\n' || line.size() == LINE_BYTES_MAX) {
            lines.accept(line.toString(StandardCharsets.ISO_8859_1));
            line.reset();
          } else {
            line.write(buffer[index]);
          }
        }
        out.write(buffer, 0, count);
      }
    } catch (IOException ended) {
      // One end has closed; closing the sockets closes the other.
    }
  }

  private static void start(String name, Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    thread.start();
  }
}
